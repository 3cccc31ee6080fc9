/// A point on a clock that never goes back and outlives a restart of the supervisor.
///
/// The shell reads CLOCK_BOOTTIME, so that a deadline written down by one supervisor means the same
/// to the next.
package struct Instant: Hashable, Comparable, Codable, Sendable {
    /// The time since the clock's arbitrary start.
    package var sinceStart: Duration

    package init(sinceStart: Duration) {
        self.sinceStart = sinceStart
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.sinceStart < right.sinceStart
    }

    /// Later by `wait`, which counts as 0 where it is negative and as 100 years where it is longer, so
    /// that no number from outside can overflow.
    package static func + (instant: Instant, wait: Duration) -> Instant {
        Instant(sinceStart: instant.sinceStart + min(max(wait, .zero), .seconds(3_153_600_000)))
    }

    /// The time from `right` to `left`, negative where `left` is the earlier.
    package static func - (left: Instant, right: Instant) -> Duration {
        left.sinceStart - right.sinceStart
    }
}
