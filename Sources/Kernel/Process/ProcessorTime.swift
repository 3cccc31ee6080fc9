import Glibc

/// Time that processors have spent on us.
package enum ProcessorTime {
    /// Of this thread, what the kernel did for it included (CLOCK_THREAD_CPUTIME_ID).
    package static func ofThread() -> Duration {
        var time = timespec()
        // The clock is in every kernel; the call has no other way to fail.
        precondition(unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
