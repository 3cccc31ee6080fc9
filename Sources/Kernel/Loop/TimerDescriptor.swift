import CKernel
import Glibc

/// A timer of CLOCK_MONOTONIC that becomes readable at its deadline.
package struct TimerDescriptor: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    package init() throws(KernelError) {
        descriptor = OwnedDescriptor(
            adopting: try check("timerfd_create") {
                timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
            })
    }

    /// Sets the deadline, a time of `MonotonicClock.now()`; nil disarms.
    package borrowing func set(to deadline: Duration?) throws(KernelError) {
        let number = descriptor.number
        var (seconds, nanoseconds) = (deadline ?? .zero).kernelParts
        // Zero would disarm: a deadline long past fires at once.
        if deadline != nil, seconds < 0 || (seconds == 0 && nanoseconds <= 0) {
            (seconds, nanoseconds) = (0, 1)
        }
        try check("timerfd_settime") { relevo_timer_set(number, seconds, nanoseconds) }
    }

    /// Takes the expiry, so that it is not readable until the next one; false if there was none.
    @discardableResult
    package borrowing func acknowledge() throws(KernelError) -> Bool {
        let number = descriptor.number
        var expirations: UInt64 = 0
        return try checkUnlessBlocked("read timerfd") {
            unsafe Glibc.read(number, &expirations, MemoryLayout<UInt64>.size)
        } != nil
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}
