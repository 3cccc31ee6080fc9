/// A deadline that its subject may ask to put off, but never to bring forward.
package struct Limit: Hashable, Codable, Sendable {
    private let granted: Instant
    /// When patience ends.
    package private(set) var end: Instant

    init(_ end: Instant) {
        granted = end
        self.end = end
    }

    /// sd_notify(3), EXTEND_TIMEOUT_USEC: the newest request counts, but no end before the one granted
    /// at first.
    mutating func extend(by time: Duration, at now: Instant) {
        end = max(granted, now + time)
    }
}
