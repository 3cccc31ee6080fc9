import Kernel

/// One BARRIER=1: the manager closes its end of a pipe when it has come so far.
final class Barrier {
    private let end: OwnedDescriptor
    private let loop: EventLoop
    private var token: EventLoop.Token?
    private var deadline: EventLoop.Token?
    private var done: ((Bool) -> Void)?

    init(
        _ end: consuming OwnedDescriptor, in loop: EventLoop, within limit: Duration,
        done: @escaping (Bool) -> Void
    ) throws(KernelError) {
        self.end = end
        self.loop = loop
        self.done = done
        token = try loop.register(self.end) { [unowned self] _ in finish(true) }
        deadline = loop.schedule(at: MonotonicClock.now() + limit) { [unowned self] in
            finish(false)
        }
    }

    deinit { stop() }

    private func finish(_ reached: Bool) {
        stop()
        // The call may let go of this object.
        let done = done.take()
        done?(reached)
    }

    private func stop() {
        if let token = token.take() { loop.remove(token) }
        if let deadline = deadline.take() { loop.remove(deadline) }
    }
}
