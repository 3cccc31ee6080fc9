extension ServiceSettings {
    /// What every upgrade brings anew.
    private static let followed: Set<String> = ["Command", "Workers", "Name"]

    /// The names of what differs from former settings and no upgrade brings: keys of [Service], and
    /// addresses of listeners.
    package func unfollowedChanges(since former: ServiceSettings) -> [String] {
        let keys = ServiceSettings.keys.filter {
            !Self.followed.contains($0.name) && $0.values(self) != $0.values(former)
        }.map { "\($0.name)=" }
        let addresses = (former.listeners + listeners).map(\.address).reduce(
            into: [ListenAddress]()
        ) { if !$0.contains($1) { $0.append($1) } }
        return keys
            + addresses.filter { address in
                listeners.first { $0.address == address }
                    != former.listeners.first { $0.address == address }
            }.map { "[Listener] \($0)" }
    }
}
