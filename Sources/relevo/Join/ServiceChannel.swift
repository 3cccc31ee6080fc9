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
        while token != nil, readSome() {}
    }

    /// Handles one packet; false when there is none.
    private func readSome() -> Bool {
        do throws(KernelError) {
            guard
                var message = try connection.receive(
                    upTo: ChannelLimits.longestPacket,
                    descriptors: ChannelLimits.mostDescriptors)
            else { return false }
            if message.bytes.isEmpty {
                finish()
                return false
            }
            // A packet of a later version is let pass.
            if let packet = try? SupervisorPacket.parse(message.bytes) {
                heard(packet, &message.descriptors)
            }
            return true
        } catch {
            // A supervisor that left packets of ours unread: said once, before what it sent itself.
            if error.isPeerGone { return true }
            finish()
            return false
        }
    }

    private func finish() {
        close()
        ended()
    }
}
