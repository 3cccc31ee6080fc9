import ControlProtocol
import Kernel

/// One client of the control socket, its calls answered in their order.
///
/// Nothing is read from it while a call waits for its turn or its answer, or the answer for the client
/// to read: what it has sent too early waits in the kernel.
final class ControlConnection {
    /// A client that takes no answers is let go when so much waits for it.
    private static let mostHeld = 4 << 20
    /// One that follows events and does not read misses what would be more.
    private static let mostEvents = 256 << 10
    private static let chunk = 65_536
    /// So few bytes of answers wait in the kernel: who does not read is soon asked nothing more of.
    private static let sendBuffer = 16 << 10
    /// Who asks nothing, or takes no answer, for so long is let go.
    static let silenceTimeout = Duration.seconds(10)

    let peer: PeerCredentials
    private let socket: UnixConnection
    private let loop: EventLoop
    private let silenceTimeout: Duration
    private var token: EventLoop.Token?
    private var interest = Readiness.readable
    private var silence: EventLoop.Token?
    private var splitter = FrameSplitter()
    /// A call that waits for its turn.
    private var waiting: [UInt8]?
    private var held: [UInt8] = []
    private var awaitsAnswer = false
    private var missedEvents = 0
    /// A call is there: `serve` is to be called when it is its turn.
    var waitsForTurn: () -> Void = {}
    /// Takes a call; answers now or later through `reply`.
    var called: (ControlCall) -> Void = { _ in }
    /// The connection is over.
    var closed: () -> Void = {}

    init(
        _ socket: consuming UnixConnection, peer: PeerCredentials, in loop: EventLoop,
        silenceTimeout: Duration = ControlConnection.silenceTimeout
    ) throws(KernelError) {
        self.peer = peer
        self.silenceTimeout = silenceTimeout
        self.loop = loop
        self.socket = socket
        try? self.socket.growSendBuffer(to: Self.sendBuffer)
        token = try loop.register(self.socket) { [weak self] in self?.handle($0) }
        limitSilence()
    }

    deinit { for token in [token, silence] { if let token { loop.remove(token) } } }

    var isOpen: Bool { token != nil }

    /// Sends one reply; a last one frees the way for the next call.
    func reply(_ reply: ControlReply, continues: Bool = false) {
        guard isOpen else { return }
        let isFirst = held.isEmpty
        held += reply.frame(continues: continues)
        if !continues {
            awaitsAnswer = false
            limitSilence()
        }
        if held.count > Self.mostHeld { return close() }
        if isFirst { flush() }
    }

    /// Tells one that follows; it misses this event where it has not read enough of the ones before,
    /// and the next one that it gets says so.
    func tell(_ event: ServiceEvent, isLast: Bool = false) {
        guard isOpen else { return }
        var event = event
        if missedEvents > 0 { event.missed = missedEvents }
        let reply = ControlReply.event(event)
        let length = reply.frame(continues: !isLast).count
        guard isLast || held.isEmpty || held.count + length <= Self.mostEvents else {
            missedEvents += 1
            return
        }
        missedEvents = 0
        self.reply(reply, continues: !isLast)
    }

    /// Answers the call whose turn it is.
    func serve() {
        guard isOpen, let frame = waiting.take() else { return }
        do {
            let call = try ControlCall.decode(frame)
            awaitsAnswer = !call.oneway
            limitSilence()
            called(call)
        } catch ControlFault.refused(let error, let oneway) {
            if !oneway { reply(.error(error)) }
        } catch {
            // What is not Varlink has no answer that its sender would understand.
            return close()
        }
        lookForCall()
    }

    func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        if let silence { loop.remove(silence) }
        silence = nil
        closed()
    }

    private var mayAsk: Bool { isOpen && !awaitsAnswer && waiting == nil && held.isEmpty }

    private func handle(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush() }
        if mayAsk {
            if !readiness.isDisjoint(with: [.readable, .hungUp, .failed]) { readSome() }
        } else if waiting == nil, !readiness.isDisjoint(with: [.hungUp, .failed]) {
            // Nobody is left to be answered.
            close()
        }
    }

    private func readSome() {
        do {
            guard let bytes = try socket.read(upTo: Self.chunk) else { return }
            if bytes.isEmpty { return close() }
            splitter.append(bytes)
            lookForCall()
        } catch {
            close()
        }
    }

    /// Has the next call that is there wait for its turn, if it may.
    private func lookForCall() {
        guard isOpen else { return }
        if mayAsk {
            do throws(FrameError) {
                waiting = try splitter.next()
            } catch {
                return close()
            }
            if waiting != nil { waitsForTurn() }
        }
        updateInterest()
    }

    private func flush() {
        do {
            while !held.isEmpty, let taken = try socket.write(held) { held.removeFirst(taken) }
        } catch {
            return close()
        }
        lookForCall()
    }

    private func updateInterest() {
        let wanted: Readiness = held.isEmpty ? (mayAsk ? .readable : []) : .writable
        guard let token, wanted != interest else { return }
        interest = wanted
        do throws(KernelError) {
            try loop.change(token, to: wanted)
        } catch {
            close()
        }
    }

    /// Begins to wait for the next call, unless one is under way.
    private func limitSilence() {
        if let silence { loop.remove(silence) }
        silence = nil
        if awaitsAnswer { return }
        silence = loop.schedule(at: MonotonicClock.now() + silenceTimeout) { [weak self] in
            self?.silence = nil
            self?.close()
        }
    }
}
