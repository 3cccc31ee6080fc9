import ControlProtocol
import Kernel

/// The control socket: lets in who may control the service, and nobody else.
///
/// Of all that its clients ask one call is answered in a turn of the loop, by turns.
final class ControlEndpoint {
    /// More at once are let go at the door.
    private static let mostConnections = 64
    /// So many of them are not the service's owner's: the rest is kept for that and for root.
    private static let mostOfOthers = mostConnections * 3 / 4
    /// So many are one other user's: the rest is for the others.
    private static let mostOfOneUser = mostConnections / 4

    private let loop: EventLoop
    private let admission: Admission
    private let admitted: (ControlConnection) -> Void
    private var door: Door?
    private var connections: [ObjectIdentifier: ControlConnection] = [:]
    /// Those with a call that waits, in the order in which they are served.
    private var queue: [ObjectIdentifier] = []
    private var nextTurn: EventLoop.Token?

    /// - Parameter admitted: takes a new connection and sets what it calls.
    init(
        at path: String, _ admission: Admission, in loop: EventLoop,
        admitted: @escaping (ControlConnection) -> Void
    ) throws(KernelError) {
        self.loop = loop
        self.admission = admission
        self.admitted = admitted
        let listener = try UnixListener(
            at: UnixAddress(path), kind: .stream, mode: admission.mode)
        try admission.open(path)
        door = try Door(listener, in: loop) { [unowned self] in letIn($0) }
    }

    deinit { if let nextTurn { loop.remove(nextTurn) } }

    /// A connection that fails on its way in is the client's to repeat.
    private func letIn(_ socket: consuming UnixConnection) {
        guard let peer = try? socket.peerCredentials() else { return }
        guard admission.admits(peer, socket) else {
            // Said before the question, which is not read: the client finds it as its answer.
            _ = try? socket.write(ControlReply.error(.permissionDenied).frame())
            return
        }
        guard connections.count < Self.mostConnections,
            Admission.isOwner(peer) || hasRoom(for: peer),
            let connection = try? ControlConnection(socket, peer: peer, in: loop)
        else { return }
        let key = ObjectIdentifier(connection)
        connections[key] = connection
        admitted(connection)
        connection.waitsForTurn = { [unowned self] in
            queue.append(key)
            scheduleTurn()
        }
        let forget = connection.closed
        connection.closed = { [unowned self] in
            forget()
            connections[key] = nil
            queue.removeAll { $0 == key }
        }
    }

    private func hasRoom(for other: PeerCredentials) -> Bool {
        connections.values.count { !Admission.isOwner($0.peer) } < Self.mostOfOthers
            && connections.values.count { $0.peer.uid == other.uid } < Self.mostOfOneUser
    }

    private func scheduleTurn() {
        guard nextTurn == nil, !queue.isEmpty else { return }
        nextTurn = loop.schedule(at: MonotonicClock.now()) { [unowned self] in
            nextTurn = nil
            if !queue.isEmpty { connections[queue.removeFirst()]?.serve() }
            scheduleTurn()
        }
    }
}
