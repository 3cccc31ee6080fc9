/// One handover of the history: `GetHistory` gives the last ones, and of one that is asked for by its number all.
package struct HandoverRecord: Codable, Equatable, Sendable {
    /// Counted over all lives of the service; 0 until what came before is known.
    package var number: Int
    /// When it began, RFC 3339.
    package var at: String?
    /// start, upgrade, rollback, restart, join, dryRun.
    package var kind: String
    package var from: Int?
    package var to: Int
    /// As `HandoverResult`, and underWay, interrupted.
    package var result: HandoverResult
    package var reason: String?
    package var uid: Int?
    package var message: String?
    /// What the new generation was started from; empty where that was not kept.
    package var command: [String]
    package var workers: Int?
    package var program: RecordedProgram?
    /// Keys of [Service] that were not at their default, a line each.
    package var settings: [String]?
    package var phases: HandoverTimes
    /// Seconds until new flows went to the new generation.
    package var timeToFlip: Double?
    /// Sessions that stayed with their process until they ended.
    package var kept: Int?
    package var cutFlows: Int
    package var cutOutside: OutsideStatus?
    package var drops: Int
    /// How its watch ended; nil where it had none, and where it was rolled back.
    package var watchEnd: WatchResult?
    package var steps: [HandoverStep]?
    package var checks: [HandoverCheck]?
    /// The last lines of workers that did not get ready.
    package var output: [String]?
    package var samples: [HandoverSample]?

    package init(
        number: Int, at: String? = nil, kind: String, from: Int? = nil, to: Int,
        result: HandoverResult, reason: String? = nil, uid: Int? = nil, message: String? = nil,
        command: [String] = [], workers: Int? = nil, program: RecordedProgram? = nil,
        settings: [String]? = nil, phases: HandoverTimes = HandoverTimes(),
        timeToFlip: Double? = nil, kept: Int? = nil, cutFlows: Int = 0,
        cutOutside: OutsideStatus? = nil, drops: Int = 0, watchEnd: WatchResult? = nil
    ) {
        self.number = number
        self.at = at
        self.kind = kind
        self.from = from
        self.to = to
        self.result = result
        self.reason = reason
        self.uid = uid
        self.message = message
        self.command = command
        self.workers = workers
        self.program = program
        self.settings = settings
        self.phases = phases
        self.timeToFlip = timeToFlip
        self.kept = kept
        self.cutFlows = cutFlows
        self.cutOutside = cutOutside
        self.drops = drops
        self.watchEnd = watchEnd
    }
}

/// The file that a generation of the history ran.
package struct RecordedProgram: Codable, Equatable, Sendable {
    package var path: String
    package var device: Int
    package var inode: Int
    package var size: Int
    /// RFC 3339.
    package var modified: String
    package var buildID: String?
    package var sha256: String?

    package init(
        path: String, device: Int, inode: Int, size: Int, modified: String,
        buildID: String? = nil, sha256: String? = nil
    ) {
        self.path = path
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.buildID = buildID
        self.sha256 = sha256
    }
}

/// Something that happened in a handover, so many seconds after its beginning.
package struct HandoverStep: Codable, Equatable, Sendable {
    package var seconds: Double
    package var generation: Int
    package var what: String
    package var text: String?

    package init(seconds: Double, generation: Int, what: String, text: String? = nil) {
        self.seconds = seconds
        self.generation = generation
        self.what = what
        self.text = text
    }
}

/// Something that was looked at, and what was found.
package struct HandoverCheck: Codable, Equatable, Sendable {
    package var seconds: Double
    package var name: String
    package var passed: Bool
    package var detail: String?

    package init(seconds: Double, name: String, passed: Bool, detail: String? = nil) {
        self.seconds = seconds
        self.name = name
        self.passed = passed
        self.detail = detail
    }
}

/// What was counted at one moment: live flows, and what all listeners were sent since the first sample.
package struct HandoverSample: Codable, Equatable, Sendable {
    package var seconds: Double
    package var fromFlows: Int
    package var toFlows: Int
    package var datagrams: Int
    /// Datagrams that opened a flow.
    package var opened: Int
    package var drops: Int
    /// Of the datagrams, those of the new generation; nil where that is not known.
    package var toDatagrams: Int?

    package init(
        seconds: Double, fromFlows: Int, toFlows: Int, datagrams: Int, opened: Int, drops: Int,
        toDatagrams: Int? = nil
    ) {
        self.seconds = seconds
        self.fromFlows = fromFlows
        self.toFlows = toFlows
        self.datagrams = datagrams
        self.opened = opened
        self.drops = drops
        self.toDatagrams = toDatagrams
    }
}

/// The parameters of a `GetHistory` reply.
package struct HistoryReply: Codable, Equatable, Sendable {
    /// The oldest first.
    package var handovers: [HandoverRecord]

    package init(handovers: [HandoverRecord]) { self.handovers = handovers }
}
