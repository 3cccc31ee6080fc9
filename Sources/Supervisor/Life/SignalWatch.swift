import Kernel

/// The supervisor's own signals, in the event loop.
final class SignalWatch {
    /// Taken in one go; the loop comes back for the rest.
    private static let batch = 8

    private let descriptor: SignalDescriptor
    private(set) var token: EventLoop.Token

    init(
        _ signals: [Int32], in loop: EventLoop,
        arrived: @escaping (SignalDescriptor.Received) -> Void
    ) throws(KernelError) {
        let descriptor = try SignalDescriptor(for: signals)
        let reader = Reader()
        token = try loop.register(descriptor) { _ in reader.read?(arrived) }
        self.descriptor = descriptor
        reader.read = { [unowned self] arrived in
            for _ in 0..<Self.batch {
                guard let received = try? self.descriptor.next() else { return }
                arrived(received)
            }
        }
    }

    /// Closes the circle between the registration and its owner.
    private final class Reader {
        var read: (((SignalDescriptor.Received) -> Void) -> Void)?
    }
}
