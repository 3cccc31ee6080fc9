import CKernel
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

extension MonotonicClock {
    /// How far apart two readings of the coarse clock may be: one tick of the kernel.
    package static var coarseStep: Duration {
        var step = timespec()
        precondition(unsafe clock_getres(CLOCK_MONOTONIC_COARSE, &step) == 0)
        return .seconds(step.tv_sec) + .nanoseconds(step.tv_nsec)
    }
}

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

/// Handlers in the order of their deadlines; few, so that a sorted array is the shortest way.
struct DeadlineQueue {
    private struct Entry {
        let token: UInt64
        let deadline: Duration
        let handler: () -> Void
    }

    /// Latest first, so that the next one is taken from the end.
    private var entries: [Entry] = []

    var earliest: Duration? { entries.last?.deadline }

    /// Among equal deadlines the one inserted first is due first.
    mutating func insert(_ token: UInt64, at deadline: Duration, _ handler: @escaping () -> Void) {
        let place = entries.firstIndex { $0.deadline <= deadline } ?? entries.endIndex
        entries.insert(Entry(token: token, deadline: deadline, handler: handler), at: place)
    }

    mutating func remove(_ token: UInt64) { entries.removeAll { $0.token == token } }

    mutating func takeDue(at now: Duration) -> (() -> Void)? {
        guard let next = entries.last, next.deadline <= now else { return nil }
        return entries.removeLast().handler
    }
}
