/// A local socket where others knock, in the event loop: so many are let in in one go, and the loop
/// comes back for the rest.
package final class Door {
    private static let batch = 16
    /// How long nobody is let in after an attempt failed for want of descriptors.
    private static let pause = Duration.milliseconds(100)

    private let listener: UnixListener
    private let loop: EventLoop
    private let admit: (consuming UnixConnection) -> Void
    private var token: EventLoop.Token?
    private var reopening: EventLoop.Token?

    /// - Parameter admit: takes each that has connected.
    package init(
        _ listener: consuming UnixListener, in loop: EventLoop,
        admit: @escaping (consuming UnixConnection) -> Void
    ) throws(KernelError) {
        self.listener = listener
        self.loop = loop
        self.admit = admit
        token = try loop.register(self.listener) { [weak self] _ in self?.open() }
    }

    deinit {
        for token in [token, reopening] { if let token { loop.remove(token) } }
    }

    private func open() {
        do throws(KernelError) {
            for _ in 0..<Self.batch {
                guard let connection = try listener.accept() else { return }
                admit(connection)
            }
        } catch {
            guard let token, reopening == nil else { return }
            _ = try? loop.change(token, to: [])
            reopening = loop.schedule(at: MonotonicClock.now() + Self.pause) { [unowned self] in
                reopening = nil
                _ = try? loop.change(token, to: .readable)
            }
        }
    }
}
