import HandoverCore
import Settings

/// How a worker gets ready: when it is looked at, and what came of the looks.
///
/// A worker is looked at until it is ready, and after that until all its sockets are taken.
package struct Readiness: Equatable, Sendable {
    /// A worker that is ready at once is seen within this time; then the looks get rarer.
    private static let firstInterval = Duration.milliseconds(2)
    private static let startingInterval = Duration.milliseconds(50)
    /// As rarely as all else is looked at: one that leaves sockets unread mostly does so for ever.
    private static let readyInterval = Duration.seconds(10)
    /// So many looks wait for a first word, once it is seen that the worker has said something.
    private static let mostWaits = 5

    package private(set) var judge: ReadinessJudge
    package private(set) var isReady = false
    /// When the next look is due; nil while none is wanted.
    private(set) var nextLook: Instant?
    private var interval = Readiness.firstInterval
    private var waits = Readiness.mostWaits

    init(_ judge: ReadinessJudge, at now: Instant) {
        self.judge = judge
        nextLook = now + Self.firstInterval
    }

    /// Goes on with what an earlier supervisor knew.
    mutating func resume(isReady: Bool, speaksNotify: Bool, saidReady: Bool, at now: Instant) {
        self.isReady = isReady
        judge.speaksNotify = speaksNotify
        judge.saidReady = saidReady
        nextLook = now
    }

    /// Takes in what the worker said or what a command answered; the next look is at once.
    mutating func learn(at now: Instant, _ change: (inout ReadinessJudge) -> Void) {
        change(&judge)
        guard !isReady else { return }
        // What it says comes a moment before it waits on its sockets.
        interval = Self.firstInterval
        nextLook = now
    }

    /// The worker was given a socket in answer to bind(2).
    mutating func bound(at now: Instant) {
        judge.lastBind = now.sinceStart
        interval = Self.firstInterval
        nextLook = now + interval
    }

    /// The worker has bound an address that is no listener's.
    mutating func boundElsewhere(_ address: String) { judge.foreignBinds.append(address) }

    /// Has the worker looked at again, for its slots are others.
    mutating func slotsChanged(_ listeners: [ReadinessJudge.ListenerSighting], at now: Instant) {
        judge.listeners = listeners
        nextLook = min(nextLook ?? now, now)
    }

    /// Begins a look: the next one comes after its answer.
    mutating func look() { nextLook = nil }

    /// Takes in what a look has shown.
    ///
    /// - Parameter isOver: whether nothing is left to be seen once the worker is ready.
    /// - Returns: whether the worker has become ready by this.
    mutating func seen(
        _ listeners: [ReadinessJudge.ListenerSighting], hasUnheard: Bool, isOver: Bool,
        at now: Instant
    ) -> Bool {
        judge.listeners = listeners
        var becomesReady = false
        if !isReady, judge.isReady(at: now.sinceStart), !waitsForWord(hasUnheard) {
            isReady = true
            becomesReady = true
        }
        let longest = isReady ? Self.readyInterval : Self.startingInterval
        interval = min(interval * 3 / 2, longest)
        nextLook = isReady && isOver ? nil : now + interval
        return becomesReady
    }

    /// Whether the worker has begun to speak, so that its word counts and not what is seen; a worker
    /// that never stops speaking is not waited for.
    private mutating func waitsForWord(_ hasUnheard: Bool) -> Bool {
        guard !judge.speaksNotify, hasUnheard, waits > 0 else { return false }
        waits -= 1
        return true
    }
}
