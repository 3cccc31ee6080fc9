import Kernel

/// A worker that an earlier keeper has started, known by the pidfd that is kept of it.
final class OrphanedWorker {
    /// How the names of such descriptors end.
    static let suffix = ".process"

    private let process: ProcessHandle
    private let loop: EventLoop
    private var token: EventLoop.Token?

    /// - Parameter ended: called once it has.
    init(
        _ descriptor: SharedDescriptor, in loop: EventLoop, ended: @escaping () -> Void
    ) throws(KernelError) {
        process = ProcessHandle(adopting: try descriptor.duplicateDescriptor())
        self.loop = loop
        token = try loop.register(process) { [unowned self] _ in
            stop()
            ended()
        }
    }

    deinit { stop() }

    /// Sends a signal; nothing where the process is gone, or is none.
    func send(_ signal: Int32) { _ = try? process.signal(signal) }

    private func stop() {
        if let token = token.take() { loop.remove(token) }
    }
}
