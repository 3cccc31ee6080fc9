import Kernel

/// Where a later supervisor knocks.
final class Door {
    /// How long nobody is let in after an attempt failed for want of descriptors.
    private static let pause = Duration.milliseconds(100)

    private let listener: UnixListener
    private let loop: EventLoop
    private let admit: (consuming UnixConnection) -> Void
    private var token: EventLoop.Token?
    private var reopening: EventLoop.Token?

    init(
        at path: String, in loop: EventLoop, admit: @escaping (consuming UnixConnection) -> Void
    ) throws(KernelError) {
        listener = try UnixListener(at: UnixAddress(path), kind: .sequencedPacket)
        self.loop = loop
        self.admit = admit
        token = try loop.register(listener) { [unowned self] _ in open() }
    }

    deinit {
        for token in [token, reopening] { if let token { loop.remove(token) } }
    }

    private func open() {
        do throws(KernelError) {
            while let connection = try listener.accept() { admit(connection) }
        } catch {
            guard let token else { return }
            _ = try? loop.change(token, to: [])
            reopening = loop.schedule(at: MonotonicClock.now() + Self.pause) { [unowned self] in
                reopening = nil
                _ = try? loop.change(token, to: .readable)
            }
        }
    }
}
