import ChannelProtocol
import Kernel

/// A worker's end of its channel, in the event loop.
final class ServiceChannel {
    private let connection: UnixConnection
    private let loop: EventLoop
    private var token: EventLoop.Token?
    /// Called for each packet, with the descriptors that came with it.
    var heard: (SupervisorPacket, inout DescriptorList) -> Void = { _, _ in }
    /// Called once, when nobody will ever answer.
    var ended: () -> Void = {}

    init(to path: String, in loop: EventLoop) throws(KernelError) {
        self.loop = loop
        connection = try UnixConnection(
            to: UnixAddress(path), kind: .sequencedPacket, nonBlocking: true)
        token = try loop.register(connection) { [unowned self] _ in readAll() }
    }

    deinit { close() }

    /// Sends a message; one that cannot go is lost with the service.
    func say(_ message: WorkerMessage, id: UInt64? = nil) {
        _ = try? connection.send(WorkerRequest(message, id: id).encoded())
    }

    func close() {
        if let token { loop.remove(token) }
        token = nil
    }

    private func readAll() {
        do throws(KernelError) {
            while token != nil,
                var message = try connection.receive(
                    upTo: ChannelLimits.longestPacket,
                    descriptors: ChannelLimits.mostDescriptors)
            {
                guard !message.bytes.isEmpty else { return finish() }
                // A packet of a later version is let pass.
                if let packet = try? SupervisorPacket.parse(message.bytes) {
                    heard(packet, &message.descriptors)
                }
            }
        } catch {
            finish()
        }
    }

    private func finish() {
        close()
        ended()
    }
}
