/// One process of a generation.
package struct WorkerStatus: Codable, Equatable, Sendable {
    package var index: Int
    /// nil while no process is there.
    package var pid: Int?
    package var state: WorkerStateName
    /// How often it was started again after a crash.
    package var restarts: Int
    /// How many sessions it says it has; nil where it does not say.
    package var sessions: Int?
    /// What it last said with STATUS=, or why it failed.
    package var message: String?
    /// Processor time of its process; nil where that was not looked at for this answer.
    package var cpuSeconds: Double?
    /// Memory of its process; nil where that was not looked at for this answer.
    package var residentBytes: Int?

    package init(
        index: Int, pid: Int?, state: WorkerStateName, restarts: Int, sessions: Int? = nil,
        message: String? = nil, cpuSeconds: Double? = nil, residentBytes: Int? = nil
    ) {
        self.index = index
        self.pid = pid
        self.state = state
        self.restarts = restarts
        self.sessions = sessions
        self.message = message
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
    }
}
