import ChannelProtocol
import Kernel

/// The supervisor's end of one worker's channel, in the event loop; CHANNEL.md says what is spoken.
///
/// A message leaves the socket's queue when it has had its effect: what a supervisor could not
/// finish is found there by the next one. `STORE` alone leaves it before, for its descriptors.
final class WorkerChannel {
    /// Packets handled in one go; the loop comes back for the rest.
    private static let batch = 32
    /// How soon is tried again what the kernel had no room for.
    private static let patience = Duration.milliseconds(10)
    /// So often a worker that sends what makes no sense is complained of.
    private static let mostComplaints = 10

    private struct Packet {
        let bytes: [UInt8]
        let holders: [any DescriptorHolder]
    }

    private let connection: UnixConnection
    private let loop: EventLoop
    private var token: EventLoop.Token?
    private var retry: EventLoop.Token?
    private var interest = Readiness.readable
    private var waiting: [Packet] = []
    private var complaints = 0
    /// The version that is spoken; nil before `HELLO`.
    var version: Int?
    /// Called for each message, with the descriptors that came with it.
    var heard: (WorkerRequest, inout DescriptorList) -> Void = { _, _ in }
    /// Called for what is none, and for the first ones only.
    var complained: (ChannelFault) -> Void = { _ in }
    /// Called once, when the worker has closed its end and all it said has been handled.
    var ended: () -> Void = {}

    /// Registers it; nothing is handled before the loop runs.
    init(_ connection: consuming UnixConnection, in loop: EventLoop) throws(KernelError) {
        self.connection = connection
        self.loop = loop
        token = try loop.register(self.connection) { [unowned self] readiness in
            handle(readiness)
        }
    }

    deinit { close() }

    var isOpen: Bool { token != nil }

    /// Sends a message, after those that wait for the worker to read.
    func say(
        _ message: SupervisorMessage, id: UInt64? = nil, _ holders: [any DescriptorHolder] = []
    ) {
        guard isOpen else { return }
        waiting.append(
            Packet(bytes: SupervisorPacket(message, id: id).encoded(), holders: holders))
        flush()
    }

    /// Sends a message if that takes no waiting; whether it went.
    func offer(_ message: SupervisorMessage, _ holders: [any DescriptorHolder]) -> Bool {
        guard isOpen, waiting.isEmpty else { return false }
        let bytes = SupervisorPacket(message).encoded()
        return (try? connection.send(bytes, lending: holders)) ?? false
    }

    /// Answers with an error, and complains of the first ones.
    func refuse(_ fault: ChannelFault) {
        say(.error(fault.code, reason: fault.reason), id: fault.id)
        guard complaints < Self.mostComplaints else { return }
        complaints += 1
        complained(fault)
    }

    /// Ends it without a word.
    func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        waiting = []
        if let retry { loop.remove(retry) }
        retry = nil
    }

    private func handle(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.hungUp, .failed]) {
            waiting = []
        } else if readiness.contains(.writable) {
            flush()
        }
        // Who does not read its answers gets no more of them: they would pile up here.
        for _ in 0..<Self.batch where isOpen && waiting.isEmpty {
            guard readSome() else { break }
        }
    }

    /// Handles one packet; false when there is none.
    private func readSome() -> Bool {
        do throws(KernelError) {
            switch try connection.peek(upTo: ChannelLimits.longestPacket + 1) {
            case nil: return false
            case .end:
                close()
                ended()
                return false
            case .bytes(let bytes):
                try handle(bytes)
                return true
            }
        } catch {
            // A worker that left packets of ours unread: said once, before what it sent itself.
            if error.isPeerGone { return true }
            close()
            ended()
            return false
        }
    }

    private func handle(_ bytes: [UInt8]) throws(KernelError) {
        let request: WorkerRequest
        do throws(ChannelFault) {
            request = try WorkerRequest(parsing: bytes)
        } catch {
            refuse(error)
            return try drop()
        }
        guard request.message.takesDescriptors else {
            var none = DescriptorList()
            heard(request, &none)
            return try drop()
        }
        guard
            var message = try connection.receive(
                upTo: ChannelLimits.longestPacket, descriptors: ChannelLimits.mostDescriptors)
        else { return }
        if message.lostDescriptors {
            let reason = "more than \(ChannelLimits.mostDescriptors) descriptors"
            return refuse(ChannelFault(.descriptors, reason, id: request.id))
        }
        heard(request, &message.descriptors)
    }

    /// Takes the packet at hand out of the queue, and closes what came with it.
    private func drop() throws(KernelError) {
        // What it led to may have ended this very channel.
        if isOpen { _ = try connection.receive(upTo: 1) }
    }

    /// Sends what goes without waiting.
    private func flush() {
        var sent = 0
        while sent < waiting.count {
            let packet = waiting[sent]
            do throws(KernelError) {
                guard try connection.send(packet.bytes, lending: packet.holders) else { break }
            } catch {
                if error.isPassing {
                    retryLater()
                    break
                }
                // That the worker is gone is found by reading, once all that it said is read.
            }
            sent += 1
        }
        waiting.removeFirst(sent)
        updateInterest()
    }

    private func retryLater() {
        guard retry == nil else { return }
        retry = loop.schedule(at: MonotonicClock.now() + Self.patience) { [unowned self] in
            retry = nil
            flush()
        }
    }

    private func updateInterest() {
        var wanted: Readiness = .readable
        if !waiting.isEmpty { wanted = retry == nil ? .writable : [] }
        guard let token, wanted != interest else { return }
        interest = wanted
        // Registered as it is, the change can fail for want of memory only; the next one is tried.
        _ = try? loop.change(token, to: wanted)
    }
}
