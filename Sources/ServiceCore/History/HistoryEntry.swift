package import HandoverCore

/// One handover as the history tells it, from its beginning on.
package struct HistoryEntry: Hashable, Codable, Sendable {
    /// What was asked for.
    package enum Kind: String, Hashable, Codable, Sendable {
        /// The first generation: there was none before it.
        case start
        case upgrade, rollback, restart
        /// Workers that others have started.
        case join
        /// One of an upgrade: the new generation was to be stopped again.
        case dryRun
    }

    /// How it ended.
    package enum Result: String, Hashable, Codable, Sendable {
        case underWay
        case completed
        /// The new generation is current, and something is not as it ought to be.
        case incomplete
        /// The new generation never became current.
        case failed
        /// It was current and had to give way to the old one.
        case rolledBack
        /// It had a share of the new flows and gave it back.
        case aborted
        /// A dry run: the new generation would have become current.
        case passed
        /// Supervisor, keeper and workers were gone before it ended: the machine, say.
        case interrupted
    }

    /// Counted over all lives of the service, from 1; 0 until it is known what came before.
    package var number = 0
    /// The number, once it is known.
    package var givenNumber: Int? { number > 0 ? number : nil }
    /// When it began, in milliseconds since 1970; nil until the port has said it.
    package var at: UInt64?
    package var kind = Kind.upgrade
    package var from: GenerationID?
    package var to: GenerationID
    /// Who asked over the control socket; nil where nobody did.
    package var uid: UInt32?
    package var message: String?
    package var launch = HistoryLaunch()
    package var result = Result.underWay
    package var reason: String?
    package var phases = HandoverPhases()
    /// From the beginning until new flows went to the new generation; nil where they never did.
    package var timeToFlip: Duration?
    /// Sessions that the generation had which leaves, when its drain began.
    package var sessions: Int?
    /// Its sessions outside the slots then.
    package var outside: Int?
    package var cutFlows = 0
    package var cutOutside: OutsideCount?
    package var drops = 0
    /// How its watch ended, in a word for programs; nil where it had none, and where it was rolled back.
    package var watchEnd: String?
    /// The last lines of workers that did not get ready.
    package var output: [String] = []
    package var checks: [HistoryCheck] = []
    package var steps: [HistoryStep] = []
    package var samples: [HistorySample] = []
    /// The least time between two samples; twice as long whenever there would be too many.
    package var pace = Duration.milliseconds(250)

    init(to: GenerationID) { self.to = to }

    /// Whether it has ended.
    package var isOver: Bool { result != .underWay }

    /// Sessions that stayed with their process until they ended; nil where they were not counted.
    package var kept: Int? {
        guard sessions != nil || outside != nil else { return nil }
        let all = (sessions ?? 0) + (outside ?? 0)
        return max(0, all - cutFlows - (cutOutside?.total ?? 0))
    }
}

/// What its new generation was started from.
package struct HistoryLaunch: Hashable, Codable, Sendable {
    /// Empty where it was too long to be kept.
    package var command: [String] = []
    package var workers = 0
    package var group: String?
    package var program: Program?
    /// Keys of [Service] that are not at their default, a line each, but for the command and the workers; of
    /// Environment= the names alone.
    package var settings: [String] = []

    package init() {}
}

/// Something that was looked at, and what was found.
package struct HistoryCheck: Hashable, Codable, Sendable {
    package var after: Duration
    package var name: String
    package var passed: Bool
    package var detail: String?
}

/// Something that happened on the way.
package struct HistoryStep: Hashable, Codable, Sendable {
    package var after: Duration
    package var generation: GenerationID
    /// A word for programs: started, ready, passed, canary, aborted, flipped, watching, watchEnded, resumed, drained, emptied, ended, failing, failed,
    /// workerFailed, workerDied, workerKilled, takenOver.
    package var what: String
    package var text: String?
}

/// What was counted at one moment.
package struct HistorySample: Hashable, Codable, Sendable {
    package var after: Duration
    /// Live flows of the generations that the handover is about.
    package var fromFlows: Int
    package var toFlows: Int
    /// Of all listeners since the handover's first sample, as are the other two.
    package var datagrams: Int
    package var opened: Int
    package var drops: Int
    /// Of the datagrams, those of the new generation; nil where that is not known.
    package var toDatagrams: Int?
    /// Those that went elsewhere than where the newest flows went.
    var others: Int?
    /// Which generation has got the newest flows from then on; nil where neither did.
    var newest: History.Side?
}

/// What all listeners were sent, counted since any time.
package struct Traffic: Hashable, Codable, Sendable {
    package var datagrams: UInt64
    /// Of those, the ones that opened a flow.
    package var opened: UInt64
    package var drops: UInt64
    /// Of the datagrams, those that went elsewhere than where the newest flows go; nil where that is not known.
    package var others: UInt64?

    package init(
        datagrams: UInt64 = 0, opened: UInt64 = 0, drops: UInt64 = 0, others: UInt64? = nil
    ) {
        self.datagrams = datagrams
        self.opened = opened
        self.drops = drops
        self.others = others
    }
}
