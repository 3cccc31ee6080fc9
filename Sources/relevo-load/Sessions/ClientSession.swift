import Kernel

/// One session as its client sees it.
final class ClientSession {
    /// What its client did last that steering has to follow.
    enum Change: String, CaseIterable {
        case none
        /// Another port, as a NAT gives that forgot the one before.
        case rebind
        /// Another id, or new keys, at the same address.
        case rotate
        /// Another network and another id at once, which nobody has seen.
        case migrate
    }

    let number: UInt64
    let own: [UInt8]
    /// What it opens with.
    let opening: [UInt8]
    var socket: SessionSocket
    /// The server's ids that it has: the first one is in use.
    var ids: [[UInt8]] = []
    var sequence: UInt64 = 0
    /// Who has answered first.
    var home: ServerIdentity?
    var lastChange = Change.none
    /// A datagram of its handshake is out and not answered.
    var isWaiting = false
    /// QUIC: the handshake has to be gone on with.
    var mustConfirm = false
    var isBroken = false
    /// The newest generation that had answered anybody when it began.
    let floor: UInt32
    /// What has been sent and not answered, with when.
    var pending: [UInt64: UInt64] = [:]

    init(_ number: UInt64, _ form: SessionProtocol, _ socket: SessionSocket, floor: UInt32) {
        self.number = number
        self.socket = socket
        self.floor = floor
        own = (0..<form.ownLength).map { _ in .random(in: 0...255) }
        opening = form == .quic ? (0..<8).map { _ in .random(in: 0...255) } : []
    }
}

/// Where a session sends from.
final class SessionSocket {
    let socket: DatagramSocket
    /// Of loopback, where each session may have its own; nil for the one that the machine has.
    let host: UInt32?
    var token: EventLoop.Token?

    init(towards target: SocketAddress, host: UInt32?) throws(KernelError) {
        self.host = host
        let local: SocketAddress =
            target.isIPv6 ? .ipv6(0, port: 0, scope: 0) : .ipv4(host ?? 0, port: 0)
        socket = try DatagramSocket.bound(
            to: local,
            options: DatagramSocketOptions(reusePort: false, nonBlocking: true))
        try socket.reportRefusals()
    }

    /// An address of 127.0.0.0/8 that nobody else is likely to have; nil where the target is elsewhere.
    static func host(towards target: SocketAddress) -> UInt32? {
        guard case .ipv4(let bits, _) = target, bits >> 24 == 127 else { return nil }
        return .random(in: 0x7f40_0001...0x7f7f_fffe)
    }
}
