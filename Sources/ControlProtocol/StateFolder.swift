/// Where a service keeps what outlives the machine.
package enum StateFolder {
    /// The folder of the service of this name for the supervisor that runs it; nil where the environment offers
    /// none.
    package static func path(
        name: String, isRoot: Bool, environment: (String) -> String?
    ) -> String? {
        if let given = given(environment("STATE_DIRECTORY") ?? "") { return given }
        if isRoot { return "\(system)/\(name)" }
        if let own = environment("XDG_STATE_HOME"), own.hasPrefix("/") {
            return "\(own)/relevo/\(name)"
        }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return "\(home)/.local/state/relevo/\(name)"
    }

    /// The folder of the services that root runs.
    package static let system = "/var/lib/relevo"

    /// Of the folders that a service manager made for the unit, systemd.exec(5): ours is in one called `relevo`.
    /// The server's own get one below.
    private static func given(_ text: String) -> String? {
        let all = text.split(separator: ":").filter { $0.hasPrefix("/") }
        return all.first(where: isOurs).map(String.init) ?? all.first.map { "\($0)/relevo" }
    }

    private static func isOurs(_ path: Substring) -> Bool {
        path.split(separator: "/").dropLast().last == "relevo"
    }
}
