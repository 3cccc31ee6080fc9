import Kernel

/// The supervisor's own signals, in the event loop.
final class SignalWatch {
    private let descriptor: SignalDescriptor
    private(set) var token: EventLoop.Token

    init(
        _ signals: [Int32], in loop: EventLoop, arrived: @escaping (Int32) -> Void
    ) throws(KernelError) {
        let descriptor = try SignalDescriptor(for: signals)
        let reader = Reader()
        token = try loop.register(descriptor) { _ in reader.read?(arrived) }
        self.descriptor = descriptor
        reader.read = { [unowned self] arrived in
            while let received = try? self.descriptor.next() { arrived(received.signal) }
        }
    }

    /// Closes the circle between the registration and its owner.
    private final class Reader {
        var read: (((Int32) -> Void) -> Void)?
    }
}
