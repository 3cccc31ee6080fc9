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
}
