import Kernel

/// Where one worker's calls of bind(2) arrive, those of its threads and descendants included.
final class BindEndpoint: DescriptorHolder {
    let calls: CallNotifier
    private var loop: EventLoop?
    private var token: EventLoop.Token?

    /// Takes over what the worker was started with; what has arrived waits until it is listened to.
    init(adopting descriptor: consuming OwnedDescriptor) {
        calls = CallNotifier(adopting: descriptor)
    }

    deinit { close() }

    /// Begins to tell of calls that wait, once for each at least.
    func listen(
        in loop: EventLoop, waiting: @escaping (borrowing CallNotifier) -> Void
    ) throws(KernelError) {
        self.loop = loop
        token = try loop.register(calls) { [unowned self] readiness in
            if readiness.contains(.readable) {
                waiting(calls)
            } else {
                // Nobody is left who could call.
                close()
            }
        }
    }

    func close() {
        if let token { loop?.remove(token) }
        token = nil
    }

    func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try calls.withRaw(body)
    }
}
