import Glibc

/// The kernel's clocks that no administrator can set, as time since the system started.
package enum MonotonicClock {
    /// CLOCK_MONOTONIC, which stands still in suspend.
    package static func now() -> Duration { read(CLOCK_MONOTONIC) }
    /// CLOCK_MONOTONIC of the last tick: cheaper, up to 10 ms old.
    package static func coarse() -> Duration { read(CLOCK_MONOTONIC_COARSE) }
    /// CLOCK_BOOTTIME, which goes on in suspend.
    package static func sinceBoot() -> Duration { read(CLOCK_BOOTTIME) }
    /// CLOCK_REALTIME since 1970, for records that people read.
    package static func sinceEpoch() -> Duration { read(CLOCK_REALTIME) }
    /// CLOCK_MONOTONIC in nanoseconds, for timestamps in datagrams.
    package static func nanoseconds() -> UInt64 {
        let time = parts(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> Duration {
        let time = parts(clock)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func parts(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // These clocks are in every kernel; the call has no other way to fail.
        precondition(unsafe clock_gettime(clock, &time) == 0)
        return time
    }
}

extension Duration {
    /// Whole seconds and the nanoseconds beyond them.
    var kernelParts: (seconds: Int64, nanoseconds: Int64) {
        (components.seconds, components.attoseconds / 1_000_000_000)
    }
}
