import Kernel

/// One end of the connection between a supervisor and its keeper, in the event loop.
///
/// What does not go out at once is queued in order. Packets of one direction arrive in the order in
/// which they were sent, those of a peer that has gone included.
final class PacketChannel {
    /// Packets handled in one go; the loop comes back for the rest.
    private static let batch = 64
    /// More packets than the kernel lets wait in a socket: all that a peer that is gone can have left.
    private static let longestQueue = 1 << 16
    /// How soon is tried again what the kernel had no room for.
    private static let patience = Duration.milliseconds(10)

    private struct Packet {
        let bytes: [UInt8]
        let holders: [any DescriptorHolder]
    }

    private let connection: UnixConnection
    private let loop: EventLoop
    private var token: EventLoop.Token?
    private var interest = Readiness.readable
    private var waiting: [Packet] = []
    private var isReading = true
    private var retry: EventLoop.Token?
    /// Called for each packet.
    var received: ([UInt8], inout DescriptorList) -> Void = { _, _ in }
    /// Called when descriptors were lost on the way, before the packet they belong to.
    var lostDescriptors: () -> Void = {}
    /// Called when packets that waited have gone out.
    var drained: () -> Void = {}
    /// Called once, when the other end is gone and all it said has been handled.
    var ended: () -> Void = {}

    /// Registers it; nothing is handled before the loop runs.
    init(_ connection: consuming UnixConnection, in loop: EventLoop) throws(KernelError) {
        try connection.setNonBlocking(true)
        self.connection = connection
        self.loop = loop
        token = try loop.register(self.connection) { [weak self] readiness in
            self?.handle(readiness)
        }
    }

    deinit { close() }

    var isOpen: Bool { token != nil }

    /// Packets that wait for the other end to read.
    var backlog: Int { waiting.count }

    func peerCredentials() throws(KernelError) -> PeerCredentials {
        try connection.peerCredentials()
    }

    /// Sends a packet after those that wait.
    func send(_ bytes: [UInt8], _ holders: [any DescriptorHolder] = []) {
        guard isOpen else { return }
        waiting.append(Packet(bytes: bytes, holders: holders))
        flush()
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
                // That the other end is gone is found by reading, once all that it said is read.
            }
            sent += 1
        }
        waiting.removeFirst(sent)
        updateInterest()
    }

    private func retryLater() {
        guard retry == nil else { return }
        retry = loop.schedule(at: MonotonicClock.now() + Self.patience) { [weak self] in
            self?.retry = nil
            self?.catchUp()
        }
    }

    /// Whether the other end is there; what one that is gone has said last is handled first.
    func hasPeer() -> Bool {
        if isOpen, (try? connection.wait(for: [], within: .zero)) ?? true { readAll() }
        return isOpen
    }

    /// Handles what has arrived.
    private func readAll() {
        // A bound, because one that is there may go on for ever.
        for _ in 0..<Self.longestQueue where isOpen {
            guard readSome() else { break }
        }
    }

    /// Stops or starts reading; the other end then waits when its queue is full.
    func setReading(_ wanted: Bool) {
        isReading = wanted
        updateInterest()
    }

    /// Waits until something can be done, and does it.
    func turn(within limit: Duration) throws(KernelError) {
        let interest: Readiness = waiting.isEmpty ? .readable : [.readable, .writable]
        _ = try connection.wait(for: interest, within: limit)
        flush()
        readAll()
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

    private func catchUp() {
        flush()
        drained()
    }

    private func handle(_ readiness: Readiness) {
        if readiness.contains(.writable) { catchUp() }
        if !readiness.isDisjoint(with: [.hungUp, .failed]) {
            waiting = []
            readAll()
        } else if readiness.contains(.readable) {
            for _ in 0..<Self.batch where isOpen && isReading {
                guard readSome() else { break }
            }
        }
    }

    /// Handles one packet; false when there is none.
    private func readSome() -> Bool {
        do throws(KernelError) {
            guard
                var message = try connection.receive(
                    upTo: PacketFormat.longest, descriptors: PacketFormat.mostDescriptors)
            else { return false }
            if message.bytes.isEmpty {
                finish()
                return false
            }
            if message.lostDescriptors { lostDescriptors() }
            received(message.bytes, &message.descriptors)
            return true
        } catch {
            // A peer that left packets of ours unread: said once, before what it sent itself.
            if error.isPeerGone { return true }
            finish()
            return false
        }
    }

    private func finish() {
        close()
        ended()
    }

    private func updateInterest() {
        var wanted: Readiness = isReading ? .readable : []
        if !waiting.isEmpty, retry == nil { wanted.insert(.writable) }
        guard let token, wanted != interest else { return }
        interest = wanted
        // Registered as it is, the change can fail for want of memory only; the next one is tried.
        _ = try? loop.change(token, to: wanted)
    }
}
