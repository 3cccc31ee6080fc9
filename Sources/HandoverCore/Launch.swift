/// What a generation is started from.
package struct Launch: Hashable, Codable, Sendable {
    /// The program and its arguments, before any replacement of `{fd}` and the like.
    package var command: [String]
    /// The number of processes, at least 1.
    package var workers: Int

    package init(command: [String], workers: Int) {
        self.command = command
        self.workers = workers
    }

    /// Why nothing can be started from it, if so.
    var fault: String? {
        if command.isEmpty { return "no command is given" }
        return workers < 1 ? "at least one worker is needed, not \(workers)" : nil
    }
}
