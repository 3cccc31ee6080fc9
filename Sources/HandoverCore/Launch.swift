/// What a generation is started from.
package struct Launch: Hashable, Codable, Sendable {
    /// The program and its arguments, before any replacement of `{fd}` and the like.
    package var command: [String]
    /// The number of processes, at least 1.
    package var workers: Int
    /// What workers that come by themselves call their generation; nil where they are started.
    package var group: String?

    package init(command: [String], workers: Int, group: String? = nil) {
        self.command = command
        self.workers = workers
        self.group = group
    }

    /// Whether nobody here starts its workers: `startWorker` makes a place that one may take.
    package var isJoined: Bool { group != nil }

    /// One of too many or too few workers to be counted out is none that was written down.
    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        command = try keys.decode([String].self, forKey: .command)
        workers = try keys.decode(Int.self, forKey: .workers)
        group = try keys.decodeIfPresent(String.self, forKey: .group)
        guard 0...1_000_000 ~= workers else {
            throw DecodingError.dataCorruptedError(
                forKey: .workers, in: keys, debugDescription: "\(workers) workers")
        }
    }

    /// Why nothing can be started from it, if so.
    var fault: String? {
        if command.isEmpty { return "no command is given" }
        return workers < 1 ? "at least one worker is needed, not \(workers)" : nil
    }
}
