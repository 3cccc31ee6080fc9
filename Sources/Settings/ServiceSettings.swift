/// What one service is: its command, its listeners and its policy, with every default in place.
package struct ServiceSettings: Equatable, Sendable {
    /// Names the runtime folder; empty until validated, then never empty.
    package var name = ""
    /// The program and its arguments, taken literally: no shell, no variables.
    package var command: [String] = []
    /// What `{release}` in the command stands for, an absolute path.
    package var release: String?
    package var listeners: [ListenerSettings] = []
    /// Processes in each generation.
    package var workers = 1
    /// Sockets of every listener that each worker gets; for example, one for each of its threads.
    package var socketsPerWorker = 1
    /// Whether a worker that binds a listener's address itself is given the supervisor's socket.
    package var intercept = true
    /// What becomes a listener when a worker binds it while it starts, besides other addresses at the
    /// listeners' ports, which always do.
    package var adopt: [AdoptRule] = []
    /// What an adopted listener is like where no listener of its port is; the transport's default.
    package var adoptSteering: SteeringChoice?
    package var adoptIdleTimeout: Duration?
    package var adoptMaxFlows: Int?
    /// Where it is set, workers may join, and a command need not be there.
    package var joinPolicy: JoinPolicy?
    package var ready = ReadyRule.auto
    package var readyTimeout = Duration.seconds(30)
    /// Whether two generations may run at once; if not, the old one is stopped first.
    package var overlap = true
    package var drainTimeout = TimeLimit.after(.seconds(3600))
    package var stopDrainTimeout = TimeLimit.after(.seconds(30))
    /// What else is left when nothing of this is, the end of a drain cuts.
    package var drainWaitsFor = Set(DrainKind.allCases)
    /// With how many sessions left a drain may end; they are cut.
    package var drainKeep = 0
    /// The time between an old slot's last datagram and the stop signal.
    package var linger = Duration.milliseconds(250)
    package var stopSignal = SignalName.term
    /// The time between the stop signal and KILL.
    package var stopTimeout = Duration.seconds(10)
    /// Sent to the old workers at the flip, where set.
    package var drainSignal: SignalName?
    /// A name or a number; nil leaves the supervisor's own.
    package var user: String?
    package var group: String?
    /// The group whose members may use the control socket, besides its owner and root.
    package var controlGroup: String?
    /// What those members may ask for there.
    package var controlGroupMay = ControlRight.operate
    /// Conventions besides LISTEN_FDS, which is always there.
    package var environmentStyles: Set<EnvironmentConvention> = []
    package var nonBlocking = false
    /// The longest silence of a worker that sends WATCHDOG=1; nil asks for none.
    package var watchdog: Duration?
    /// Absolute paths; each generation sees an empty folder of its own there.
    package var privatePaths: [String] = []
    /// An absolute path; nil leaves the supervisor's own.
    package var workingDirectory: String?
    /// Added to, and winning over, what the supervisor itself inherited.
    package var environment: [String: String] = [:]
    package var logFormat = LogFormat.text
    /// What is told of handovers; in the order of the settings.
    package var hooks: [Hook] = []
    package var hookTimeout = Duration.seconds(30)

    /// The defaults, still without a name, a command and a listener.
    package init() {}
}
