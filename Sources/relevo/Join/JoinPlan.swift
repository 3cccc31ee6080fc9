import Settings

/// What `relevo join` is to do.
struct JoinPlan {
    let socket: String
    let command: [String]
    var group: String?
    var workers: Int?
    var ready = ReadyRule.auto
    /// There while the supervisor has heard that the server is ready.
    var readyFile: String?
    var stopSignal = SignalName.term.number
    var drainSignal: Int32?
    /// How long a supervisor, or a place, is waited for; nil for ever.
    var timeout: Duration?

    init(socket: String, command: [String]) {
        self.socket = socket
        self.command = command
    }
}
