import Glibc

extension MonotonicClock {
    /// How far apart two readings of the coarse clock may be: one tick of the kernel.
    package static var coarseStep: Duration {
        var step = timespec()
        precondition(unsafe clock_getres(CLOCK_MONOTONIC_COARSE, &step) == 0)
        return .seconds(step.tv_sec) + .nanoseconds(step.tv_nsec)
    }
}
