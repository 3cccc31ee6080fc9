import Histogram

/// The counts of one run.
struct Tally {
    private(set) var sent: UInt64 = 0
    private(set) var answered: UInt64 = 0
    private(set) var duplicate: UInt64 = 0
    private(set) var moved: UInt64 = 0
    /// The first that moved, for who has to find out why.
    private(set) var firstMove: String?
    private(set) var restarted: UInt64 = 0
    private(set) var stale: UInt64 = 0
    /// Datagrams that ICMP said nobody takes.
    var refused: UInt64 = 0
    /// Answers that this program's own sockets had no room for.
    var ownDrops: UInt64 = 0
    var flowsOpened: UInt64 = 0
    /// Datagrams that came in and belong to nothing sent in this run.
    var foreign: UInt64 = 0
    /// Answers by generation.
    private(set) var generations: [UInt32: UInt64] = [:]
    /// From the sending of a datagram to the reading of its answer, in nanoseconds.
    private(set) var latency = Histogram<UInt64>(
        highestTrackableValue: 120_000_000_000, numberOfSignificantValueDigits: .three)
    private var lastGeneration: UInt32 = 0
    private var lastGenerationCount: UInt64 = 0

    /// Sent, and neither answered nor refused.
    var unanswered: UInt64 { sent - min(sent, answered + refused) }

    /// Unanswered, but for what this program itself has dropped.
    var lost: UInt64 { unanswered - min(unanswered, ownDrops) }

    /// Counts datagrams out.
    mutating func countSent(_ count: Int) { sent += UInt64(count) }

    /// Counts one answer in.
    mutating func count(_ verdict: Verdict, generation: UInt32, latency nanoseconds: UInt64) {
        if verdict.contains(.duplicate) {
            duplicate += 1
            return
        }
        answered += 1
        if verdict.contains(.moved) { moved += 1 }
        if verdict.contains(.restarted) { restarted += 1 }
        if verdict.contains(.stale) { stale += 1 }
        countGeneration(generation)
        latency.record(min(nanoseconds, 119_000_000_000))
    }

    /// Remembers the first flow that moved.
    mutating func note(_ answer: EchoAnswer, movedFrom before: ServerIdentity) {
        guard firstMove == nil else { return }
        let now = answer.server
        firstMove =
            "datagram \(answer.request.sequence) from worker \(before.generation).\(before.worker) "
            + "(pid \(before.process)) to \(now.generation).\(now.worker) (pid \(now.process))"
    }

    /// Nearly all answers come from the generation that the last one came from.
    private mutating func countGeneration(_ generation: UInt32) {
        if generation != lastGeneration {
            flushGeneration()
            lastGeneration = generation
        }
        lastGenerationCount += 1
    }

    /// Makes `generations` complete.
    mutating func flushGeneration() {
        if lastGenerationCount > 0 {
            generations[lastGeneration, default: 0] += lastGenerationCount
        }
        lastGenerationCount = 0
    }
}
