import ChannelProtocol
import Kernel

/// A worker's end of its channel, in the event loop.
final class ServiceChannel {
    private static let limits = PacketStream.Limits(
        longest: ChannelLimits.longestPacket, mostDescriptors: ChannelLimits.mostDescriptors,
        batch: 32)

    private let stream: PacketStream
    /// Called for each packet, with the descriptors that came with it.
    var heard: (SupervisorPacket, inout DescriptorList) -> Void = { _, _ in }
    /// Called once, when nobody will ever answer.
    var ended: () -> Void {
        get { stream.ended }
        set { stream.ended = newValue }
    }

    init(to path: String, in loop: EventLoop) throws(KernelError) {
        stream = try PacketStream(
            UnixConnection(to: UnixAddress(path), kind: .sequencedPacket, nonBlocking: true),
            in: loop, Self.limits)
        stream.received = { [unowned self] bytes, descriptors in
            // A packet of a later version is let pass.
            guard let packet = try? SupervisorPacket.parse(bytes) else { return }
            heard(packet, &descriptors)
        }
    }

    deinit { close() }

    /// Sends a message, after those that wait for the service to read.
    func say(_ message: WorkerMessage, id: UInt64? = nil) {
        stream.send(WorkerRequest(message, id: id).encoded())
    }

    func close() { stream.close() }
}
