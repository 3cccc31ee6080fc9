// Datagrams that are dropped while a new generation proves itself, against a limit.

/// What the service's listeners have dropped since a new generation got its first flows.
///
/// All of them count, whichever generation's socket it was: a client does not care, and a new version that
/// takes the processor from the old one loses the old one's datagrams.
package struct DropCount: Hashable, Codable, Sendable {
    /// One more ends it.
    package let limit: Int
    /// So many since the first count.
    package private(set) var lost = 0
    /// What the listeners had dropped at the last count; nil before the first one.
    private var total: Int?
    var nextCount: Instant

    init(limit: Int, at now: Instant) {
        self.limit = limit
        nextCount = now
    }

    private static let interval = Duration.seconds(1)

    /// Returns true if the next count is to be asked for.
    mutating func isDue(at now: Instant) -> Bool {
        guard nextCount <= now else { return false }
        nextCount = now + Self.interval
        return true
    }

    /// Less than before is a listener that was removed, or what a supervisor that has ended had counted
    /// itself: from there on it is counted anew.
    mutating func take(_ total: Int) {
        if let before = self.total, total > before { lost += total - before }
        self.total = total
    }

    /// Why it is over; nil while it is not.
    var fault: String? {
        guard lost > limit else { return nil }
        let were = lost == 1 ? "1 datagram was" : "\(lost) datagrams were"
        return "\(were) dropped since it got new flows, more than \(limit)"
    }
}
