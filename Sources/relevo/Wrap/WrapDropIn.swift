import Settings

/// The drop-in that has a unit run through Relevo: no line more than that takes, for this unit.
struct WrapDropIn {
    private(set) var lines: [String] = []
    /// What a person should know of it.
    private(set) var notes: [String] = []
    private let unit: InstalledUnit
    private let settings: ServiceSettings

    init(
        _ unit: InstalledUnit, _ settings: ServiceSettings, command: UnitCommand,
        given: [String] = [], known: KnownServer?, program: String, settingsPath: String,
        sum: String
    ) {
        self.unit = unit
        self.settings = settings
        lines = [WrapPlace.mark, sum] + unit.facts.map(WrapPlace.factLine)
        if !given.isEmpty { lines.append(WrapPlace.givenLine(given)) }
        lines += [
            "", "[Unit]", "StartLimitIntervalSec=30s", "StartLimitBurst=100",
            "", "[Service]",
        ]
        addCommands(command, program, settingsPath)
        for key in known?.without ?? [] { lines.append("\(key)=") }
        addLife()
        addFolders()
        addPrivileges(command)
        addSandbox()
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func addCommands(
        _ command: UnitCommand, _ program: String, _ settingsPath: String
    ) {
        let name = settings.name
        let words = Words.join(command.words)
        let prefix = command.passedPrefix
        lines += [
            "Type=notify", "NotifyAccess=main", "ExecStart=",
            "ExecStart=\(prefix)\(program) run --resume --config \(settingsPath) --name \(name) -- \(words)",
            "ExecReload=",
            "ExecReload=\(prefix)\(program) upgrade \(name) --config \(settingsPath) -- \(words)",
        ]
        lines += [
            "# Says in the journal when the unit is another one than was wrapped.",
            "ExecStartPost=-+\(program) wrap --check \(unit.name)",
        ]
        if !unit.properties["PIDFile"].isEmpty { lines.append("PIDFile=") }
        let reloads = unit.file.values(of: "ExecReload")
        if let last = reloads.last {
            notes.append("systemctl reload is an upgrade now, and no longer: \(last)")
        }
        let stops = unit.file.values(of: "ExecStop")
        if !stops.isEmpty {
            lines += ["# Stopping is the supervisor's: it drains first.", "ExecStop="]
        }
        if !unit.file.values(of: "ExecStopPost").isEmpty {
            notes.append("ExecStopPost= is run at each restart too, while the workers serve on")
        }
    }

    private mutating func addLife() {
        lines += [
            "Restart=always", "RestartSec=100ms", "RestartPreventExitStatus=64 77 78",
            "WatchdogSec=10s", "TimeoutStartSec=2min",
        ]
        lines += UnitDropIn.stopLines(settings) ?? ["TimeoutStopSec=90s"]
        lines += [
            "# Workers outlive their supervisor.", "KillMode=process",
            "FileDescriptorStoreMax=2048",
            "OOMPolicy=continue", "NonBlocking=yes",
        ]
        if !["", "15"].contains(unit.properties["KillSignal"]) {
            lines.append("KillSignal=SIGTERM")
        }
        if unit.properties["MemoryMax"].first?.isNumber == true {
            notes.append("MemoryMax= holds for both generations together while both run")
        }
    }

    private mutating func addFolders() {
        lines += [
            "RuntimeDirectory=relevo/\(settings.name)", "RuntimeDirectoryPreserve=restart",
            "StateDirectory=relevo/\(settings.name)",
        ]
    }

    private mutating func addPrivileges(_ command: UnitCommand) {
        let isRoot = ["", "root", "0"].contains(unit.properties["User"]) || command.isPrivileged
        var needed = ["CAP_BPF"]
        var needsMount: [String] = []
        if !settings.privatePaths.isEmpty {
            needed.append("CAP_SYS_ADMIN")
            needsMount = ["CAP_SYS_ADMIN"]
        }
        // Workers of root may become another user, and are signalled and looked at all the same.
        if isRoot { needed += ["CAP_KILL", "CAP_SYS_PTRACE"] }
        let there = Set(unit.properties.words("CapabilityBoundingSet").map { $0.uppercased() })
        let missing = needed.filter { !there.contains($0) }
        if !isRoot {
            lines += [
                "# To steer flows; the server is not given it.",
                "AmbientCapabilities=\((["CAP_BPF"] + needsMount).joined(separator: " "))",
            ]
        }
        guard !missing.isEmpty else { return }
        lines.append("CapabilityBoundingSet=\(missing.joined(separator: " "))")
        if isRoot {
            notes.append(
                "the server, which runs as root, may have besides what it had: "
                    + missing.joined(separator: ", "))
        }
    }

    private mutating func addSandbox() {
        let properties = unit.properties
        for (key, why) in [
            ("PrivateUsers", "It would take CAP_BPF away."),
            ("PrivateTmp", "It would take the files of living workers away at each restart."),
            (
                "RemoveIPC",
                "It would take the shared memory of living workers away at each restart."
            ),
        ] where properties.says(key) {
            lines += ["# \(why)", "\(key)=no"]
            if key == "PrivateTmp" { openTmp() }
        }
        if properties["ProcSubset"] == "pid" {
            lines += ["# The kernel's limits and sockets are looked up.", "ProcSubset=all"]
        }
        if !settings.privatePaths.isEmpty, !["", "no"].contains(properties["RestrictNamespaces"]) {
            lines += ["# Private= of the settings.", "RestrictNamespaces=mnt"]
        }
        addFilters()
    }

    /// Where the system is read-only, the private folder was what could be written to.
    private mutating func openTmp() {
        notes.append("the server shares /tmp with others now (PrivateTmp=no)")
        guard unit.properties["ProtectSystem"] == "strict" else { return }
        lines.append("ReadWritePaths=/tmp /var/tmp")
    }

    private mutating func addFilters() {
        if let line = SandboxList(unit.properties["RestrictAddressFamilies"])
            .line("RestrictAddressFamilies", allowing: Self.families)
        {
            lines.append(line)
        }
        let filter = SandboxList(unit.properties["SystemCallFilter"])
        guard filter.isSet else { return }
        var calls = filter.missing(of: Self.calls)
        if !settings.privatePaths.isEmpty { calls += filter.missing(of: ["mount", "umount2"]) }
        if !filter.missing(of: Self.ordinaryCalls).isEmpty {
            calls.insert("@system-service", at: 0)
        }
        guard !calls.isEmpty else { return }
        lines += [
            "# To steer, to answer bind(2), and to see when a worker is ready.",
            "SystemCallFilter=\(calls.joined(separator: " "))",
        ]
        notes.append(
            "the sandbox of the server is opened for: " + calls.joined(separator: ", ")
                + " (SystemCallFilter=)")
    }

    private static let families = ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]
    private static let calls = ["bpf", "seccomp", "pidfd_getfd", "process_vm_readv"]
    /// Of which a narrow filter lacks one, if it lacks any.
    private static let ordinaryCalls = [
        "clone3", "close_range", "epoll_pwait", "eventfd2", "execveat", "memfd_create",
        "pidfd_open", "pidfd_send_signal", "prctl", "recvmsg", "sendmsg", "signalfd4",
        "timerfd_create", "waitid",
    ]
}

/// A list of a sandbox, as the service manager tells it: what is allowed, or behind ~ what is not.
struct SandboxList {
    private let words: Set<Substring>
    private let forbids: Bool
    let isSet: Bool

    init(_ text: String) {
        isSet = !text.isEmpty
        forbids = text.hasPrefix("~")
        words = Set(text.drop { $0 == "~" }.split(separator: " "))
    }

    /// Those that are not allowed.
    func missing(of wanted: [String]) -> [String] {
        guard isSet else { return [] }
        return wanted.filter { words.contains(Substring($0)) == forbids }
    }

    /// The line that allows them; nil where they are.
    func line(_ key: String, allowing wanted: [String]) -> String? {
        let missing = missing(of: wanted)
        return missing.isEmpty ? nil : "\(key)=\(missing.joined(separator: " "))"
    }
}
