extension ServiceSettings {
    /// What every upgrade brings by itself.
    private static let launched: Set<String> = ["Command", "Release", "Workers", "Name"]

    /// What only a generation that begins heeds, beside that.
    private static let ofBeginning: Set<String> = ["Ready", "ReadyTimeout", "Overlap"]

    /// Whether an upgrade brings a key where it is asked to start what the settings name.
    package static func isLaunched(_ key: String) -> Bool { launched.contains(key) }

    /// The values of a key of [Service], a line each.
    package func lines(of key: String) -> [String] {
        ServiceSettings.keys.first { $0.name == key }?.values(self) ?? []
    }

    /// Whether a key is about how a generation begins, so that a change shows with the next one.
    package static func isOfNextGeneration(_ key: String) -> Bool {
        launched.contains(key) || ofBeginning.contains(key)
    }

    /// The names of what differs from former settings and no upgrade has brought: keys of [Service], and
    /// addresses of listeners, with what became of them where they were added or removed.
    ///
    /// - Parameters:
    ///   - options: the listeners that options have named: no upgrade brings or takes them.
    ///   - idleTimes: the listeners whose idle times an upgrade can change.
    package func unfollowedChanges(
        since former: ServiceSettings, options: Set<ListenAddress> = [],
        idleTimes: Set<ListenAddress> = []
    ) -> [String] {
        let keys = ServiceSettings.keys.filter {
            !Self.launched.contains($0.name) && $0.values(self) != $0.values(former)
        }.map { "\($0.name)=" }
        let addresses = (former.listeners + listeners).map(\.address).reduce(
            into: [ListenAddress]()
        ) { if !$0.contains($1) { $0.append($1) } }
        return keys
            + addresses.compactMap { address in
                let now = listeners.first { $0.address == address }
                let before = former.listeners.first { $0.address == address }
                guard now != before else { return nil }
                if options.contains(address) { return "[Listener] \(address)" }
                var change = now == nil ? Self.removed : before == nil ? Self.added : ""
                if idleTimes.contains(address), let before,
                    now?.differsInIdleTimeAlone(before) == true
                {
                    change = Self.idle
                }
                return "[Listener] \(address)\(change)"
            }
    }

    fileprivate static let idle = " (IdleTimeout=)"

    fileprivate static let added = " (added)"
    fileprivate static let removed = " (removed)"

    /// The listeners whose addresses other settings do not name.
    package func listeners(besides other: ServiceSettings) -> [ListenerSettings] {
        listeners.filter { one in !other.listeners.contains { $0.address == one.address } }
    }

    /// The listeners that options have named, beside a file that says this.
    ///
    /// - Parameters:
    ///   - former: what counted for the supervisor before as said by the file; nil where there was none.
    ///   - running: the settings that run.
    ///   - read: what this supervisor was started with, options included.
    package func optionListeners(
        after former: ServiceSettings?, running: ServiceSettings, read: ServiceSettings
    ) -> Set<ListenAddress> {
        // One that goes on in the same process was given what runs.
        let file = read == running ? former ?? self : self
        return Set(read.unadopted.listeners(besides: file).map(\.address))
    }

    /// Takes note of which listeners count as brought: those that the settings name and that are served, and
    /// those that they do not name and that are not.
    package mutating func meet(_ now: ServiceSettings, serving served: [ListenerSettings]) {
        // Nothing is known of that before a generation is current.
        guard !served.isEmpty else { return }
        let added = now.listeners(besides: self)
        listeners.removeAll { known in
            func has(_ listeners: [ListenerSettings]) -> Bool {
                listeners.contains { $0.address == known.address }
            }
            return !has(now.listeners) && !has(served)
        }
        listeners += served.filter { one in added.contains { $0.address == one.address } }
    }

    /// Takes over from changed settings what may change while workers run: how a generation gets ready,
    /// drains and ends.
    ///
    /// - Parameters:
    ///   - file: what the file says now.
    ///   - former: what it said when it was read before. Where these settings differ from that, an option has
    ///     won over the file, and wins again.
    /// - Returns: the names of what has changed.
    @discardableResult
    package mutating func follow(_ file: ServiceSettings, former: ServiceSettings) -> [String] {
        var changed: [String] = []
        for key in ServiceSettings.keys
        where key.takesEffect == .reload && !Self.launched.contains(key.name) {
            let values = key.values(file)
            guard values != key.values(former), key.values(self) == key.values(former) else {
                continue
            }
            key.reset(&self)
            for value in values { try? key.set(&self, value) }
            changed.append("\(key.name)=")
        }
        return changed
    }
}

extension ServiceSettings {
    /// Takes over changed idle times of listeners.
    ///
    /// - Parameters:
    ///   - file: what the file says now.
    ///   - former: what it said when it was read before. Where a listener of these settings has another one, an option
    ///     has won over the file, and wins again.
    ///   - addresses: the listeners that may change it.
    /// - Returns: the names of what has changed.
    package mutating func followIdleTimes(
        _ file: ServiceSettings, former: ServiceSettings, at addresses: Set<ListenAddress>
    ) -> [String] {
        var changed: [String] = []
        for at in listeners.indices where addresses.contains(listeners[at].address) {
            let address = listeners[at].address
            guard let now = file.listeners.first(where: { $0.address == address })?.idleTimeout,
                let before = former.listeners.first(where: { $0.address == address })?.idleTimeout,
                now != before, listeners[at].idleTimeout == before
            else { continue }
            listeners[at].idleTimeout = now
            changed.append("[Listener] \(address) IdleTimeout=")
        }
        return changed
    }

    /// Without the listeners that were adopted: what a file and options can say.
    package var unadopted: ServiceSettings {
        var settings = self
        settings.listeners.removeAll(where: \.isAdopted)
        return settings
    }

    /// What a file counts as having said when this supervisor takes over: what of it is in effect.
    ///
    /// A successor brings what has changed in the file into effect, but for two things. Listeners stay as they
    /// run. One that goes on in the same process is given the settings that run, and reads none of the file.
    ///
    /// - Parameters:
    ///   - former: what counted for the supervisor before; nil where it has not written that down.
    ///   - running: the settings that run.
    ///   - read: what this supervisor was started with, options included.
    package func asInEffect(
        after former: ServiceSettings?, running: ServiceSettings, read: ServiceSettings
    ) -> ServiceSettings {
        if let former, read == running { return former }
        var known = self
        known.listeners = running.listeners.compactMap { one in
            func same(_ settings: ServiceSettings) -> ListenerSettings? {
                settings.listeners.first { $0.address == one.address }
            }
            if let former = former.flatMap(same) { return former }
            return same(read) == one ? same(self) : one
        }
        return known
    }
}

extension Setting {
    /// When changes take effect of what `unfollowedChanges` names.
    package static func moment(ofChanged name: String) -> Moment {
        if name.hasPrefix("[") {
            let ends = [ServiceSettings.added, ServiceSettings.removed, ServiceSettings.idle]
            return ends.contains { name.hasSuffix($0) } ? .reload : .start
        }
        return of(.service, String(name.dropLast()))?.takesEffect ?? .restart
    }
}

extension ListenerSettings {
    fileprivate func differsInIdleTimeAlone(_ other: ListenerSettings) -> Bool {
        var other = other
        other.idleTimeout = idleTimeout
        return other == self
    }
}
