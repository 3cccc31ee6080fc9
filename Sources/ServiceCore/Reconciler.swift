import HandoverCore

/// When what is, is compared with what ought to be: sockets, groups, programs, sessions.
package struct Reconciler: Hashable, Sendable {
    private static let busyInterval = Duration.seconds(1)
    private static let quietInterval = Duration.seconds(10)

    private var nextLook: Instant?
    private var isUnderWay = false
    /// What was told of already; the same is not told again until it has been right.
    private var told: Set<Difference> = []

    var nextDeadline: Instant? { isUnderWay ? nil : nextLook }

    /// Plans the next comparison: soon where something changes, else rarely.
    mutating func plan(isBusy: Bool, at now: Instant) {
        let latest = now + (isBusy ? Self.busyInterval : Self.quietInterval)
        nextLook = min(nextLook ?? latest, latest)
    }

    /// Whether a comparison is due; it is under way from here on.
    mutating func begin(at now: Instant, isForced: Bool = false) -> Bool {
        guard !isUnderWay, isForced || nextLook ?? .never <= now else { return false }
        isUnderWay = true
        nextLook = nil
        return true
    }

    /// A comparison has ended.
    ///
    /// - Returns: what has not been told yet.
    mutating func end(_ differences: [Difference]) -> [Difference] {
        isUnderWay = false
        let news = differences.filter { !told.contains($0) }
        told = Set(differences)
        return news
    }
}
