import ControlProtocol
import Kernel

/// The control socket: lets in who may control the service, and nobody else.
final class ControlEndpoint {
    /// More at once are let go at the door.
    private static let mostConnections = 64

    private let listener: UnixListener
    private let loop: EventLoop
    private let group: UInt32?
    private let admitted: (ControlConnection) -> Void
    private var token: EventLoop.Token?
    private var connections: [ObjectIdentifier: ControlConnection] = [:]

    /// - Parameters:
    ///   - group: its members may control the service besides its owner and root.
    ///   - admitted: takes a new connection and sets what it calls.
    init(
        at path: String, group: UInt32?, in loop: EventLoop,
        admitted: @escaping (ControlConnection) -> Void
    ) throws(KernelError) {
        self.loop = loop
        self.group = group
        self.admitted = admitted
        listener = try UnixListener(
            at: UnixAddress(path), kind: .stream, mode: group == nil ? 0o600 : 0o660)
        if let group {
            try changeOwner(of: path, uid: ProcessIdentity.effectiveUser, gid: group)
        }
        token = try loop.register(listener) { [unowned self] _ in accept() }
    }

    deinit { if let token { loop.remove(token) } }

    private func accept() {
        // A connection that fails on its way in is the client's to repeat.
        while let socket = try? listener.accept() {
            guard connections.count < Self.mostConnections,
                let peer = try? socket.peerCredentials()
            else { continue }
            guard mayControl(peer, socket) else {
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

    private func mayControl(
        _ peer: PeerCredentials, _ socket: borrowing UnixConnection
    ) -> Bool {
        if peer.uid == 0 || peer.uid == ProcessIdentity.effectiveUser { return true }
        guard let group else { return false }
        return peer.gid == group || ((try? socket.peerGroups()) ?? []).contains(group)
    }
}
