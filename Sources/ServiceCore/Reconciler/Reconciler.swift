import HandoverCore

/// When what is, is compared with what ought to be, what was found, and what was told of it.
package struct Reconciler: Sendable {
    private static let busyInterval = Duration.seconds(1)
    private static let quietInterval = Duration.seconds(10)

    /// The first look is due at once: nobody knows what a predecessor has left.
    private var nextLook: Instant? = Instant(sinceStart: .zero)
    /// Slots that are being brought in order: what is seen of them meanwhile counts neither way.
    private var repaired: Set<SlotID> = []
    /// Whether a step that is taken now relies on a look.
    private(set) var isWanted = false
    /// What is being compared with what is.
    private var expected: Expected?
    private var former: Observation?
    /// Whether the last look has seen what counts from the second time on.
    private var hasNews = false
    /// What workers have tried since the last look.
    private var attempts: [Difference] = []
    /// What the last look has found, repaired since or not.
    package private(set) var standing: [Difference] = []
    /// What was told of already; the same is not told again until it has been right.
    private var told: Set<Difference> = []

    var nextDeadline: Instant? { expected == nil && repaired.isEmpty ? nextLook : nil }

    /// Plans the next comparison: soon where something changes, or was seen once, else rarely.
    mutating func plan(isBusy: Bool, at now: Instant) {
        guard expected == nil else { return }
        let latest = now + (isBusy || hasNews ? Self.busyInterval : Self.quietInterval)
        nextLook = min(nextLook ?? latest, latest)
    }

    /// A step relies on what is now.
    mutating func wantLook() { isWanted = true }

    /// Whether a comparison is due or wanted, and none is under way.
    func isDue(at now: Instant) -> Bool {
        expected == nil && repaired.isEmpty && (isWanted || nextLook ?? .never <= now)
    }

    /// A slot is being brought in order; the next comparison waits for that.
    mutating func beginRepair(_ slot: SlotID) { repaired.insert(slot) }

    /// It is in order, or cannot be.
    mutating func endRepair(_ slot: SlotID) { repaired.remove(slot) }

    /// This is being compared with what is, from here on.
    mutating func begin(_ ought: Expected) {
        expected = ought
        isWanted = false
        nextLook = nil
    }

    /// Notes what a worker has tried to do and was not let.
    ///
    /// - Returns: whether it is to be told.
    mutating func tried(_ attempt: Difference) -> Bool {
        guard attempts.count < Self.mostAttempts, !attempts.contains(attempt) else { return false }
        attempts.append(attempt)
        return told.insert(attempt).inserted
    }

    /// Workers that try all sorts of things are not all remembered.
    private static let mostAttempts = 64

    /// A comparison has ended.
    ///
    /// - Parameter present: what ought to be by now. What has changed since the comparison began was seen
    ///   before or after the change: nobody knows which, and the next look will show it.
    /// - Returns: what has not been told yet.
    mutating func end(_ seen: Observation, present: Expected) -> [Difference] {
        guard let ought = expected?.unchanged(in: present) else { return [] }
        expected = nil
        let found = ought.differences(from: seen, after: former ?? seen)
        hasNews = former.map { seen.hasNews(since: $0) } ?? true
        former = seen
        let news = found.filter { !told.contains($0) }
        standing = attempts + found
        attempts = []
        told = Set(standing)
        return news
    }

    /// What keeps new flows from the sockets that they ought to go to, as the last look has found it.
    func obstacles(in ought: Expected) -> [String] {
        ought.listeners.enumerated().compactMap { number, listener in
            let here = standing.filter { $0.listener == number && $0.isHarm }
            let ofAll = here.first { $0.slot == nil }
            let chosen = listener.choice ?? []
            let ofSlots = here.filter { $0.slot.map { chosen.contains($0.number) } ?? false }
            let isDeaf = !chosen.isEmpty && Set(ofSlots.compactMap { $0.slot?.number }) == chosen
            return (ofAll ?? (isDeaf ? ofSlots.first : nil)).map {
                "\(listener.address): \($0.words)"
            }
        }
    }
}
