import CKernel
import Glibc

/// One thread that waits for descriptors and deadlines and calls their handlers one by one.
///
/// A handler may register, change and remove anything, itself included; once removed, a
/// registration is not called again, not even for an event of the batch at hand. The owner of a
/// descriptor removes its registration before it closes it.
package final class EventLoop {
    /// Names one registration; never used twice.
    package struct Token: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Registration {
        let descriptor: Int32
        let handler: (Readiness) -> Void
    }

    private static let timerToken: UInt64 = 0

    private let epoll: OwnedDescriptor
    private let timer: TimerDescriptor
    private var registrations: [UInt64: Registration] = [:]
    private var deadlines = DeadlineQueue()
    private var armed: Duration?
    private var lastToken: UInt64 = 0
    private var isStopping = false

    package init() throws(KernelError) {
        epoll = OwnedDescriptor(
            adopting: try check("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
        timer = try TimerDescriptor()
        let (epoll, token) = (epoll.number, Self.timerToken)
        try timer.withRaw { (number) throws(KernelError) in
            _ = try check("epoll_ctl") {
                relevo_epoll_control(
                    epoll, EPOLL_CTL_ADD, number, Readiness.readable.rawValue, token)
            }
        }
    }

    /// Calls the handler whenever the descriptor is ready (level-triggered) or has failed.
    package func register(
        _ holder: borrowing some DescriptorHolder & ~Copyable, for interest: Readiness = .readable,
        handler: @escaping (Readiness) -> Void
    ) throws(KernelError) -> Token {
        let token = nextToken()
        let epoll = epoll.number
        let number = try holder.withRaw { (number) throws(KernelError) in
            try check("epoll_ctl") {
                relevo_epoll_control(epoll, EPOLL_CTL_ADD, number, interest.rawValue, token.number)
            }
            return number
        }
        registrations[token.number] = Registration(descriptor: number, handler: handler)
        return token
    }

    /// Changes what a registration waits for; the empty set keeps it for failures only.
    package func change(_ token: Token, to interest: Readiness) throws(KernelError) {
        guard let registration = registrations[token.number] else { return }
        let epoll = epoll.number
        try check("epoll_ctl") {
            relevo_epoll_control(
                epoll, EPOLL_CTL_MOD, registration.descriptor, interest.rawValue, token.number)
        }
    }

    /// Ends a registration or a deadline; one that has ended already is ignored.
    package func remove(_ token: Token) {
        deadlines.remove(token.number)
        guard let registration = registrations.removeValue(forKey: token.number) else { return }
        let result = relevo_epoll_control(
            epoll.number, EPOLL_CTL_DEL, registration.descriptor, 0, 0)
        precondition(result == 0, "a descriptor was closed before its registration was removed")
    }

    /// Calls the handler once, at the deadline (a time of `MonotonicClock.now()`) or soon after.
    package func schedule(at deadline: Duration, handler: @escaping () -> Void) -> Token {
        let token = nextToken()
        deadlines.insert(token.number, at: deadline, handler)
        return token
    }

    /// Handles events until a handler calls `stop()`.
    package func run() throws(KernelError) {
        isStopping = false
        while !isStopping { try runOnce() }
    }

    /// Waits for one batch of events and handles it.
    package func runOnce() throws(KernelError) {
        try arm()
        let epoll = epoll.number
        var batch = [relevo_event](repeating: relevo_event(), count: 64)
        let count = try check("epoll_wait") {
            unsafe relevo_epoll_wait(epoll, &batch, batch.count)
        }
        for event in batch.prefix(Int(count)) {
            if event.token == Self.timerToken {
                try timer.acknowledge()
                armed = nil
            } else {
                registrations[event.token]?.handler(Readiness(rawValue: event.events))
            }
        }
        let now = MonotonicClock.now()
        while let handler = deadlines.takeDue(at: now) { handler() }
    }

    /// Ends `run()` once the batch at hand is handled.
    package func stop() { isStopping = true }

    private func nextToken() -> Token {
        lastToken += 1
        return Token(number: lastToken)
    }

    private func arm() throws(KernelError) {
        let next = deadlines.earliest
        guard next != armed else { return }
        try timer.set(to: next)
        armed = next
    }
}

/// What a descriptor is ready for; poll(2) and epoll(7) use the same bits.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: UInt32(POLLIN))
    package static let writable = Readiness(rawValue: UInt32(POLLOUT))
    /// Reported though nobody asked.
    package static let failed = Readiness(rawValue: UInt32(POLLERR))
    /// Reported though nobody asked: the other end is gone.
    package static let hungUp = Readiness(rawValue: UInt32(POLLHUP))
}
