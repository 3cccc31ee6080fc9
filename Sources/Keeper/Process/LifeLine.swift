import Kernel

/// The keeper's end of the line that lasts as long as its service does: the other end lies with the
/// service manager. A supervisor that takes it from there sends a channel over it.
final class LifeLine {
    private let channel: PacketStream

    /// - Parameters:
    ///   - arrived: a channel was sent.
    ///   - ended: the other end is gone.
    init(
        _ end: consuming UnixConnection, in loop: EventLoop,
        arrived: @escaping (consuming OwnedDescriptor) -> Void, ended: @escaping () -> Void
    ) throws(KernelError) {
        channel = try PacketStream(end, in: loop, PacketFormat.limits)
        channel.received = { _, descriptors in
            if let descriptor = descriptors.takeFirst() { arrived(descriptor) }
        }
        channel.ended = ended
    }
}
