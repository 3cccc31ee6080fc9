import ChannelProtocol
import Kernel

/// The supervisor's end of one worker's channel, in the event loop; CHANNEL.md says what is spoken.
///
/// A message leaves the socket's queue when it has had its effect: what a supervisor could not
/// finish is found there by the next one. `STORE` alone leaves it before, for its descriptors.
final class WorkerChannel {
    /// So often a worker that sends what makes no sense is complained of.
    private static let mostComplaints = 10

    private let stream: PacketStream
    private var complaints = 0
    /// The version that is spoken; nil before `HELLO`.
    var version: Int?
    /// Called for each message, with the descriptors that came with it.
    var heard: (WorkerRequest, inout DescriptorList) -> Void = { _, _ in }
    /// Called for what is none, and for the first ones only.
    var complained: (ChannelFault) -> Void = { _ in }
    /// Called once, when the worker has closed its end and all it said has been handled.
    var ended: () -> Void {
        get { stream.ended }
        set { stream.ended = newValue }
    }

    /// Registers it; nothing is handled before the loop runs.
    ///
    /// - Parameter batch: packets handled in one go.
    init(
        _ connection: consuming UnixConnection, in loop: EventLoop, batch: Int = 32
    ) throws(KernelError) {
        // A worker that does not read its answers gets no more of them.
        let limits = PacketStream.Limits(
            longest: ChannelLimits.longestPacket, mostDescriptors: ChannelLimits.mostDescriptors,
            batch: batch, readsWhileWaiting: false)
        stream = try PacketStream(connection, in: loop, limits)
        stream.peeked = { [unowned self] bytes throws(KernelError) in try handle(bytes) }
    }

    deinit { stream.close() }

    var isOpen: Bool { stream.isOpen }

    /// Sends a message, after those that wait for the worker to read.
    func say(
        _ message: SupervisorMessage, id: UInt64? = nil, _ holders: [any DescriptorHolder] = []
    ) {
        stream.send(SupervisorPacket(message, id: id).encoded(), holders)
    }

    /// Sends a message if that takes no waiting; whether it went.
    func offer(_ message: SupervisorMessage, _ holders: [any DescriptorHolder]) -> Bool {
        stream.offer(SupervisorPacket(message).encoded(), holders)
    }

    /// Answers with an error, and complains of the first ones.
    func refuse(_ fault: ChannelFault) {
        say(.error(fault.code, reason: fault.reason), id: fault.id)
        guard complaints < Self.mostComplaints else { return }
        complaints += 1
        complained(fault)
    }

    /// Ends it without a word.
    func close() { stream.close() }

    private func handle(_ bytes: [UInt8]) throws(KernelError) {
        // What a message leads to may let go of this channel.
        let stream = stream
        let request: WorkerRequest
        do throws(ChannelFault) {
            request = try WorkerRequest(parsing: bytes)
        } catch {
            refuse(error)
            return try stream.drop()
        }
        guard request.message.takesDescriptors else {
            var none = DescriptorList()
            heard(request, &none)
            return try stream.drop()
        }
        guard var message = try stream.take() else { return }
        if message.lostDescriptors {
            let reason = "more than \(ChannelLimits.mostDescriptors) descriptors"
            return refuse(ChannelFault(.descriptors, reason, id: request.id))
        }
        heard(request, &message.descriptors)
    }
}
