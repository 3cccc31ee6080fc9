import Settings

/// What one service needs besides the sandbox that all share.
struct UnitDropIn {
    private(set) var lines: [String]

    init(_ settings: ServiceSettings, options: RunOptions, isUserService: Bool) {
        lines = ["# What \(settings.name) needs of its unit; see packaging/systemd/README.md."]
        lines += ["[Service]"]
        if isUserService {
            lines += ["#Environment=KEY=value", "#LimitNOFILE=65536"]
            return
        }
        addStop(settings)
        addIdentity(options)
        addPorts(settings)
        addHome(settings)
        addPrivate(settings)
        lines += [
            "", "# Folders to write to: one of its own in /var/lib, and others.",
            "#StateDirectory=\(settings.name)", "#ReadWritePaths=/srv/\(settings.name)", "",
            "# Programs that compile as they run (LuaJIT, V8, Java).",
            "#MemoryDenyWriteExecute=no", "", "# Other sockets, system calls and devices.",
            "#RestrictAddressFamilies=AF_PACKET", "#SystemCallFilter=@resources",
            "#PrivateDevices=no",
        ]
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func addIdentity(_ options: RunOptions) {
        lines += options[\.user].map { ["User=\($0)"] } ?? ["#User=\(UnitText.account)"]
        if let group = options[\.group] { lines.append("Group=\(group)") }
        if let group = options[\.controlGroup] {
            lines += [
                "# So that the control socket can be given to it.", "SupplementaryGroups=\(group)",
            ]
        }
    }

    private mutating func addStop(_ settings: ServiceSettings) {
        lines += Self.stopLines(settings) ?? []
    }

    /// How long a stop may take; nil where 90 s, which the units have, are enough.
    static func stopLines(_ settings: ServiceSettings) -> [String]? {
        let drain: Duration
        switch (settings.drainTimeout, settings.stopDrainTimeout) {
        case (.after(let one), .after(let other)): drain = min(one, other)
        case (.after(let time), .infinity), (.infinity, .after(let time)): drain = time
        case (.infinity, .infinity):
            return [
                "# A stop waits for sessions for ever (StopDrainTimeout=).",
                "TimeoutStopSec=infinity",
            ]
        }
        let whole = drain + settings.linger + settings.stopTimeout * 2 + .seconds(30)
        guard whole > .seconds(90) else { return nil }
        return [
            "# A stop may take so long (StopDrainTimeout=).",
            "TimeoutStopSec=\(whole.components.seconds + 1)s",
        ]
    }

    private mutating func addPorts(_ settings: ServiceSettings) {
        guard settings.listeners.contains(where: { $0.address.port < 1024 }) else { return }
        lines += ["", "# Ports below 1024."] + UnitDropIn.capability("CAP_NET_BIND_SERVICE")
    }

    private mutating func addHome(_ settings: ServiceSettings) {
        let places =
            settings.startedCommand.prefix(1) + [settings.workingDirectory].compactMap(\.self)
        let hidden = ["/home/", "/root/", "/run/user/"]
        guard places.contains(where: { place in hidden.contains { place.hasPrefix($0) } }) else {
            return
        }
        lines += ["", "# It lies in somebody's home.", "ProtectHome=read-only"]
    }

    private mutating func addPrivate(_ settings: ServiceSettings) {
        guard !settings.privatePaths.isEmpty else { return }
        lines += ["", "# Private= mounts folders; the server is not given this capability."]
        lines += UnitDropIn.capability("CAP_SYS_ADMIN")
        lines += ["RestrictNamespaces=mnt", "SystemCallFilter=@mount"]
    }

    private static func capability(_ name: String) -> [String] {
        ["AmbientCapabilities=\(name)", "CapabilityBoundingSet=\(name)"]
    }
}
