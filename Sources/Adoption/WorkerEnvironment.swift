/// What one worker is told at its start: its environment and its arguments.
package struct WorkerEnvironment: Equatable, Sendable {
    /// Its sockets in the order of their numbers, which follow each other from 3.
    package var sockets: [OfferedSocket]
    /// The names of what follows the sockets: descriptors that a worker before it has stored.
    package var stored: [String]
    package var generation: Int
    package var worker: Int
    /// What its server is known by in ids that it makes, in hexadecimal; nil where no listener asks for that.
    package var serverID: String?
    package var styles: Set<EnvironmentStyle>
    /// The path of its `NOTIFY_SOCKET`, an abstract one with `@` in front; nil for none.
    package var notifySocket: String?
    /// The number of its channel's descriptor; nil for none.
    package var channel: Int32?
    /// How often it must say `WATCHDOG=1`; nil for never. `WATCHDOG_PID` is set in the child.
    package var watchdog: Duration?
    /// More variables, the user's own; they win over every other.
    package var additions: [String]

    package init(
        sockets: [OfferedSocket], stored: [String] = [], generation: Int, worker: Int,
        styles: Set<EnvironmentStyle> = [.systemd], notifySocket: String? = nil,
        channel: Int32? = nil, watchdog: Duration? = nil, additions: [String] = []
    ) {
        self.sockets = sockets
        self.stored = stored
        self.generation = generation
        self.worker = worker
        self.styles = styles
        self.notifySocket = notifySocket
        self.channel = channel
        self.watchdog = watchdog
        self.additions = additions
        serverID = nil
    }

    /// The environment as `KEY=value` entries: what is inherited, but for what was meant for the
    /// supervisor alone, and the worker's own after it.
    package func variables(inheriting inherited: [String]) -> [String] {
        let own = ownVariables() + additions
        let replaced = Set(own.map(Self.key))
        return inherited.filter {
            !Self.isSupervisorsOwn(Self.key($0)) && !replaced.contains(Self.key($0))
        }.compactMap(Self.withoutOwnFolders) + own
    }

    /// The unit's folders (systemd.exec(5)) but for the supervisor's, which is in one called `relevo`: a server
    /// takes them for its own. Where the unit has no other runtime folder, the supervisor's stays: by it a
    /// command that a worker runs finds its service.
    private static func withoutOwnFolders(_ entry: String) -> String? {
        for (key, maySay) in [("STATE_DIRECTORY=", false), ("RUNTIME_DIRECTORY=", true)]
        where entry.hasPrefix(key) {
            let folders = entry.dropFirst(key.count).split(separator: ":")
            let left = folders.filter { $0.split(separator: "/").dropLast().last != "relevo" }
            if left.count == folders.count || left.isEmpty && maySay { return entry }
            return left.isEmpty ? nil : key + left.joined(separator: ":")
        }
        return entry
    }

    private func ownVariables() -> [String] {
        var own = ["RELEVO_GENERATION=\(generation)", "RELEVO_WORKER=\(worker)"]
        if let channel { own.append("RELEVO_CHANNEL=\(channel)") }
        if let serverID { own.append("RELEVO_SERVER_ID=\(serverID)") }
        if styles.contains(.systemd) {
            own.append("LISTEN_FDS=\(sockets.count + stored.count)")
            let names = sockets.map { Self.listenName($0.name) } + stored
            own.append("LISTEN_FDNAMES=\(names.joined(separator: ":"))")
        }
        if styles.contains(.nginx) {
            own.append("NGINX=" + sockets.map { "\($0.number);" }.joined())
        }
        if styles.contains(.serverStarter) {
            let pairs = sockets.map { "\($0.address)=\($0.number)" }.joined(separator: ";")
            own.append("SERVER_STARTER_PORT=\(pairs)")
            own.append("SERVER_STARTER_GENERATION=\(generation)")
        }
        if let notifySocket { own.append("NOTIFY_SOCKET=\(notifySocket)") }
        if let watchdog {
            let (seconds, attoseconds) = watchdog.components
            own.append("WATCHDOG_USEC=\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)")
        }
        return own
    }

    /// The variables that speak of the supervisor's own sockets, watchdog, output and process.
    private static func isSupervisorsOwn(_ key: Substring) -> Bool {
        supervisorsOwn.contains(key) || supervisorsPrefixes.contains { key.hasPrefix($0) }
    }

    private static let supervisorsOwn: Set<Substring> = [
        "NOTIFY_SOCKET", "NGINX", "SERVER_STARTER_PORT", "SERVER_STARTER_GENERATION",
        "FDSTORE", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "MAINPID",
    ]
    private static let supervisorsPrefixes = ["LISTEN_", "WATCHDOG_", "RELEVO_"]

    private static func key(_ entry: String) -> Substring {
        // By scalars: a character that combines would hide the sign.
        Substring(entry.unicodeScalars.prefix { $0 != "=" })
    }

    /// A name that `LISTEN_FDNAMES` can carry: printable ASCII without the colon that parts names.
    private static func listenName(_ name: String) -> String {
        if name.isEmpty { return "unknown" }
        let allowed = name.utf8.prefix(255).map { byte in
            (0x21...0x7e).contains(byte) && byte != UInt8(ascii: ":") ? byte : UInt8(ascii: "_")
        }
        return String(decoding: allowed, as: UTF8.self)
    }
}
