/// One end of a local connection for whole packets, in the event loop.
///
/// What does not go out at once is queued in order. Packets of one direction arrive in the order in
/// which they were sent, those of a peer that has gone included.
package final class PacketStream {
    /// What one end takes.
    package struct Limits: Sendable {
        let longest: Int
        let mostDescriptors: Int
        /// Packets handled in one go; the loop comes back for the rest.
        let batch: Int
        /// Whether packets are read while others wait for the peer to read them.
        let readsWhileWaiting: Bool

        package init(
            longest: Int, mostDescriptors: Int, batch: Int, readsWhileWaiting: Bool = true
        ) {
            self.longest = longest
            self.mostDescriptors = mostDescriptors
            self.batch = batch
            self.readsWhileWaiting = readsWhileWaiting
        }
    }

    private struct Packet {
        let bytes: [UInt8]
        let holders: [any DescriptorHolder]
    }

    /// How soon is tried again what the kernel had no room for.
    private static let retryInterval = Duration.milliseconds(10)
    /// More packets than the kernel lets wait in a socket: all that a peer that is gone can have left.
    private static let longestQueue = 1 << 16

    private let connection: UnixConnection
    private let loop: EventLoop
    private let limits: Limits
    private var token: EventLoop.Token?
    private var retry: EventLoop.Token?
    private var interest = Readiness.readable
    private var waiting: [Packet] = []
    private var isReading = true
    /// Called for each packet.
    package var received: ([UInt8], inout DescriptorList) -> Void = { _, _ in }
    /// Called when descriptors were lost on the way, before the packet they belong to.
    package var lostDescriptors: () -> Void = {}
    /// Called in place of `received`, where it is set, with a packet that is still in the socket's
    /// queue, to be taken out by `take` or `drop`; one that is too long is cut.
    package var peeked: (([UInt8]) throws(KernelError) -> Void)?
    /// Called when packets that waited may have gone out.
    package var drained: () -> Void = {}
    /// Called once, when the other end is gone and all it said has been handled.
    package var ended: () -> Void = {}

    /// Registers it; nothing is handled before the loop runs.
    package init(
        _ connection: consuming UnixConnection, in loop: EventLoop, _ limits: Limits
    ) throws(KernelError) {
        try connection.setNonBlocking(true)
        self.connection = connection
        self.loop = loop
        self.limits = limits
        token = try loop.register(self.connection) { [weak self] readiness in
            self?.handle(readiness)
        }
    }

    deinit { close() }

    package var isOpen: Bool { token != nil }

    /// Packets that wait for the other end to read.
    package var backlog: Int { waiting.count }

    package func peerCredentials() throws(KernelError) -> PeerCredentials {
        try connection.peerCredentials()
    }

    /// Sends a packet after those that wait.
    package func send(_ bytes: [UInt8], _ holders: [any DescriptorHolder] = []) {
        guard isOpen else { return }
        waiting.append(Packet(bytes: bytes, holders: holders))
        flush()
    }

    /// Sends a packet if that takes no waiting; whether it went.
    package func offer(_ bytes: [UInt8], _ holders: [any DescriptorHolder]) -> Bool {
        guard isOpen, waiting.isEmpty else { return false }
        return (try? connection.send(bytes, lending: holders)) ?? false
    }

    /// Takes the packet at hand out of the queue, with its descriptors.
    package func take() throws(KernelError) -> MessageWithDescriptors? {
        try connection.receive(upTo: limits.longest, descriptors: limits.mostDescriptors)
    }

    /// Takes the packet at hand out of the queue, and closes what came with it.
    package func drop() throws(KernelError) {
        // What it led to may have closed this very stream.
        if isOpen { _ = try connection.receive(upTo: 1) }
    }

    /// Stops or starts reading; the other end then waits when its queue is full.
    package func setReading(_ wanted: Bool) {
        isReading = wanted
        updateInterest()
    }

    /// Whether the other end is there; what one that is gone has said last is handled first.
    package func hasPeer() -> Bool {
        if isOpen, (try? connection.wait(for: [], within: .zero)) ?? true {
            read(atMost: Self.longestQueue)
        }
        return isOpen
    }

    /// Waits until something can be done, and does it.
    package func turn(within limit: Duration) throws(KernelError) {
        let interest: Readiness = waiting.isEmpty ? .readable : [.readable, .writable]
        _ = try connection.wait(for: interest, within: limit)
        flush()
        // A bound, because a peer that is there may go on for ever.
        read(atMost: Self.longestQueue)
    }

    /// Ends it without a word.
    package func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        waiting = []
        if let retry { loop.remove(retry) }
        retry = nil
    }

    private func handle(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.hungUp, .failed]) {
            // Nobody reads what waits, and nobody is held up by not reading.
            waiting = []
            read(atMost: limits.batch)
            return
        }
        if readiness.contains(.writable) {
            flush()
            drained()
        }
        guard readiness.contains(.readable) else { return }
        for _ in 0..<limits.batch where mayRead {
            guard readSome() else { break }
        }
    }

    /// Who does not read what is sent may be heard no more meanwhile: answers would pile up here.
    private var mayRead: Bool {
        isOpen && isReading && (limits.readsWhileWaiting || waiting.isEmpty)
    }

    private func read(atMost count: Int) {
        for _ in 0..<count where isOpen {
            guard readSome() else { break }
        }
    }

    /// Handles one packet; false when there is none.
    private func readSome() -> Bool {
        do throws(KernelError) {
            if let peeked {
                switch try connection.peek(upTo: limits.longest + 1) {
                case nil: return false
                case .end: break
                case .bytes(let bytes):
                    try peeked(bytes)
                    return true
                }
            } else {
                guard var message = try take() else { return false }
                if !message.bytes.isEmpty {
                    if message.lostDescriptors { lostDescriptors() }
                    received(message.bytes, &message.descriptors)
                    return true
                }
            }
        } catch {
            // A peer that left packets of ours unread: said once, before what it sent itself.
            if error.isPeerGone { return true }
        }
        close()
        ended()
        return false
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
        retry = loop.schedule(at: MonotonicClock.now() + Self.retryInterval) { [weak self] in
            self?.retry = nil
            self?.flush()
            self?.drained()
        }
    }

    private func updateInterest() {
        var wanted: Readiness = []
        if isReading, limits.readsWhileWaiting || waiting.isEmpty { wanted = .readable }
        if !waiting.isEmpty, retry == nil { wanted.insert(.writable) }
        guard let token, wanted != interest else { return }
        interest = wanted
        // Registered as it is, the change can fail for want of memory only; the next one is tried.
        _ = try? loop.change(token, to: wanted)
    }
}
