import ControlProtocol
import Kernel

/// One client of the control socket, its calls answered in their order.
final class ControlConnection {
    /// A client that takes no answers is let go when so much waits for it.
    private static let mostHeld = 4 << 20
    private static let chunk = 65_536

    let peer: PeerCredentials
    private let socket: UnixConnection
    private let loop: EventLoop
    private var token: EventLoop.Token?
    private var splitter = FrameSplitter()
    private var held: [UInt8] = []
    private var awaitsAnswer = false
    /// Takes a call; answers now or later through `reply`.
    var called: (ControlCall) -> Void = { _ in }
    /// The connection is over.
    var closed: () -> Void = {}

    init(
        _ socket: consuming UnixConnection, peer: PeerCredentials, in loop: EventLoop
    ) throws(KernelError) {
        self.peer = peer
        self.loop = loop
        self.socket = socket
        token = try loop.register(self.socket) { [unowned self] readiness in
            if readiness.contains(.writable) { flush() }
            if isOpen, !readiness.isDisjoint(with: [.readable, .hungUp, .failed]) { readSome() }
        }
    }

    deinit { if let token { loop.remove(token) } }

    var isOpen: Bool { token != nil }

    /// Sends one reply; a last one frees the way for the next call.
    func reply(_ reply: ControlReply, continues: Bool = false) {
        guard isOpen else { return }
        held += reply.frame(continues: continues)
        if !continues { awaitsAnswer = false }
        if held.count > Self.mostHeld { return close() }
        flush()
        if !continues { serveNext() }
    }

    func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        closed()
    }

    private func readSome() {
        do {
            guard let bytes = try socket.read(upTo: Self.chunk) else { return }
            if bytes.isEmpty { return close() }
            splitter.append(bytes)
            serveNext()
        } catch {
            close()
        }
    }

    private func serveNext() {
        while isOpen, !awaitsAnswer {
            do {
                guard let frame = try splitter.next() else { return }
                let call = try ControlCall.decode(frame)
                awaitsAnswer = !call.oneway
                called(call)
            } catch ControlFault.refused(let error, let oneway) {
                if !oneway { reply(.error(error)) }
            } catch {
                // What is not Varlink has no answer that its sender would understand.
                return close()
            }
        }
    }

    private func flush() {
        do {
            while !held.isEmpty, let taken = try socket.write(held) { held.removeFirst(taken) }
            guard let token else { return }
            try loop.change(token, to: held.isEmpty ? .readable : [.readable, .writable])
        } catch {
            close()
        }
    }
}
