import ControlProtocol
import Kernel

/// The control socket: lets in who may control the service, and nobody else.
final class ControlEndpoint {
    /// More at once are let go at the door.
    private static let mostConnections = 64

    private let listener: UnixListener
    private let loop: EventLoop
    private let admission: Admission
    private let admitted: (ControlConnection) -> Void
    private var token: EventLoop.Token?
    private var connections: [ObjectIdentifier: ControlConnection] = [:]

    /// - Parameter admitted: takes a new connection and sets what it calls.
    init(
        at path: String, _ admission: Admission, in loop: EventLoop,
        admitted: @escaping (ControlConnection) -> Void
    ) throws(KernelError) {
        self.loop = loop
        self.admission = admission
        self.admitted = admitted
        listener = try UnixListener(
            at: UnixAddress(path), kind: .stream, mode: admission.mode)
        try admission.open(path)
        token = try loop.register(listener) { [unowned self] _ in accept() }
    }

    deinit { if let token { loop.remove(token) } }

    private func accept() {
        // A connection that fails on its way in is the client's to repeat.
        while let socket = try? listener.accept() {
            guard connections.count < Self.mostConnections,
                let peer = try? socket.peerCredentials()
            else { continue }
            guard admission.admits(peer, socket) else {
                // Said before the question, which is not read: the client finds it as its answer.
                _ = try? socket.write(ControlReply.error(.permissionDenied).frame())
                continue
            }
            guard let connection = try? ControlConnection(socket, peer: peer, in: loop)
            else { continue }
            let key = ObjectIdentifier(connection)
            connections[key] = connection
            admitted(connection)
            let forget = connection.closed
            connection.closed = { [unowned self] in
                forget()
                connections[key] = nil
            }
        }
    }
}
