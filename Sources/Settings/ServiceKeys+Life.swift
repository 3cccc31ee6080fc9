extension ServiceSettings {
    /// How a generation gets ready, drains and ends.
    static let lifeKeys: [SettingsKey<ServiceSettings>] = [
        .one("Ready", \.ready, read: ReadyRule.parse, write: { $0.text })
            .about(
                "When a worker is ready: auto, notify, alive:2s or exec:COMMAND",
                """
                auto: when it says READY=1, else when it is seen to wait on its sockets, else once \
                it has lived for a second. notify: READY=1 alone. alive:2s: after that time. \
                exec:COMMAND: once that command ends with 0, which is run as the workers' user, in \
                their folder.
                """
            )
            .option(.value("rule")),
        .time("ReadyTimeout", \.readyTimeout, zeroAllowed: false)
            .about(
                "How long a new generation may take to get ready", "Then it is given up."
            )
            .option(.value("time")),
        .flag("Overlap", \.overlap)
            .about(
                "no: for a server that cannot run twice",
                """
                The old generation is stopped before the new one starts; the sockets are held \
                meanwhile, so that nothing in their queues is lost. Listeners are added and removed by a stop and \
                a start alone.
                """
            )
            .option(.choice("yes|no", ["yes", "no"])),
        .one("DrainTimeout", \.drainTimeout, read: TimeLimit.parse, write: { $0.text })
            .about(
                "How long sessions may keep an old generation; 0 for not at all, or infinity",
                """
                It holds after an upgrade. The end of the service waits for StopDrainTimeout= at most.
                """
            )
            .option(.value("time")),
        .one("StopDrainTimeout", \.stopDrainTimeout, read: TimeLimit.parse, write: { $0.text })
            .about(
                "How long a stop of the service lets sessions end, where DrainTimeout= is not less",
                """
                New flows are refused meanwhile. Have the unit's TimeoutStopSec= be half a minute longer. A \
                shutdown of the machine waits no longer than that.
                """
            )
            .option(.value("time")),
        .one(
            "DrainWaitsFor", \.drainWaitsFor,
            read: { (text) throws(ValueError) in
                var kinds: Set<DrainKind> = []
                for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
                    kinds.insert(try DrainKind.parse(String(word)))
                }
                guard !kinds.isEmpty else { return try [DrainKind.parse("")] }
                return kinds
            },
            write: { kinds in
                Words.join(DrainKind.allCases.filter(kinds.contains).map(\.rawValue))
            }
        )
        .about(
            """
            Which sessions keep an old generation: a list of flows, connections, connected, ports \
            and reported
            """,
            """
            flows: those of the listeners' own sockets. connections: accepted TCP connections. \
            connected: UDP sockets at a listener's address that are connected to one client. ports: \
            UDP sockets at ports that the server has bound for itself while it served, for the media \
            of a call for example. reported: what workers say through the channel. All are counted; \
            those that are not waited for are cut when the rest has ended. Leave ports out for a \
            server that keeps such ports open without a session.
            """
        )
        .option(.value("kinds", unset: "all")),
        .number("DrainKeep", \.drainKeep, in: 0...1_000_000_000)
            .about(
                "With how many sessions left a drain may end",
                """
                Those sessions are cut. A drain whose last few sessions last for days need not wait for them, or keep a \
                process for them. relevo drain --keep says otherwise for a drain that is under way.
                """
            )
            .option(.value("number")),
        .time("Linger", \.linger, zeroAllowed: true)
            .about(
                """
                The time between the last datagram in an old generation's queues and its stop signal
                """,
                "Give it as long as the slowest answer takes."
            )
            .option(.value("time")),
        .one("StopSignal", \.stopSignal, read: SignalName.parse, write: { $0.description })
            .about("The signal that ends a worker")
            .option(.value("signal")),
        .time("StopTimeout", \.stopTimeout, zeroAllowed: true)
            .about("The time that a worker has to end after the stop signal", "Then it is killed.")
            .option(.value("time")),
        .optional(
            "DrainSignal", \.drainSignal, read: SignalName.parse, write: { $0.description }
        )
        .about("Sent to the old workers when new flows go elsewhere")
        .option(.value("signal", unset: "none")),
    ]

    /// Told to a worker when it starts, so that it changes with the workers.
    static let watchdogKey = SettingsKey<ServiceSettings>.optional(
        "Watchdog", \.watchdog, read: Duration.parsePositive, write: { $0.settingsText }
    )
    .about(
        "The longest silence of a worker that sends WATCHDOG=1",
        "After it the worker is killed and started again. Unless set, there is no limit."
    )
    .option(.value("time", unset: "no limit"))
}
