import Kernel
import Packs
import Steering

/// A reuseport group of two sockets on loopback, steered in one of the ways that are compared.
final class SteeringSubject {
    /// What chooses the socket.
    enum Kind: String, CaseIterable {
        case none, empty, lru, flow
        /// Flow steering whose program could not tell who is there.
        case untelling
        /// Flow steering while somebody looks who is there.
        case lookedAt
        case quic
        /// QUIC whose ids begin with the cookie of their worker's socket.
        case nginx
        /// A described protocol where 4-tuples count first.
        case wireguard
        /// One where ids do.
        case dtls

        /// What steers where it is ours; nil else.
        func setup(maxFlows: Int) -> SteeringSetup? {
            let (mode, pack): (SteeringMode, Pack?)
            switch self {
            case .none, .empty, .lru: return nil
            case .flow, .untelling, .lookedAt: (mode, pack) = (.flow, nil)
            case .quic, .nginx: (mode, pack) = (.quic, nil)
            case .wireguard: (mode, pack) = (.pack, BuiltInPack.named("wireguard")?.pack)
            case .dtls: (mode, pack) = (.pack, BuiltInPack.named("dtls-cid")?.pack)
            }
            // Sessions take twice the entries: so all tables can be of one size. Idle times are long, so that
            // flows are seen again before their times are to be written.
            return SteeringSetup(
                mode: mode, transport: .udp, maxFlows: mode.hasIDs ? maxFlows : 2 * maxFlows,
                idleTimeout: .seconds(mode.hasIDs ? 1200 : 600), pack: pack?.with(idLength: 8))
        }
    }

    /// An array cannot hold sockets themselves.
    private final class Member {
        let socket: DatagramSocket

        init(_ socket: consuming DatagramSocket) { self.socket = socket }
    }

    let kind: Kind
    let address: SocketAddress
    let steering: Steering?
    private let comparison: ComparisonProgram?
    private let members: [Member]
    private let inbox = DatagramBatch(capacity: 64, datagramSize: 64)

    init(_ kind: Kind, maxFlows: Int) throws {
        self.kind = kind
        let options = DatagramSocketOptions(receiveBuffer: 4 << 20, nonBlocking: true)
        let first = try DatagramSocket(for: .loopback(), options: options)
        switch kind {
        case .none: (steering, comparison) = (nil, nil)
        case .empty:
            (steering, comparison) = (nil, try ComparisonProgram(.empty, flows: 1, slots: 2))
        case .lru:
            (steering, comparison) = (nil, try ComparisonProgram(.lru, flows: maxFlows, slots: 2))
        case .untelling:
            (steering, comparison) = (
                try kind.setup(maxFlows: maxFlows).map { try Steering.withoutPeers($0) }, nil
            )
        case .flow, .lookedAt, .quic, .nginx, .wireguard, .dtls:
            (steering, comparison) = (
                try kind.setup(maxFlows: maxFlows).map { try Steering($0) }, nil
            )
        }
        try steering?.attach(to: first)
        try comparison?.attach(to: first)
        try first.bind(to: .loopback())
        address = try first.localAddress()
        members = [Member(first), Member(try .bound(to: address, options: options))]
        for (slot, member) in members.enumerated() {
            try steering?.place(member.socket, at: slot)
            try comparison?.place(member.socket, at: slot)
        }
        // The ids of one worker alone, which all sessions are then.
        try steering?.steerNewFlows(to: kind == .nginx ? [0] : [0, 1])
    }

    /// What the ids of the first slot's worker begin with, if it makes them so.
    func cookie() throws -> [UInt8] {
        guard kind == .nginx else { return [] }
        let cookie = try members[0].socket.socketCookie()
        return (0..<8).reversed().map { UInt8(truncatingIfNeeded: cookie >> ($0 * 8)) }
    }

    /// What the kernel counted of the program; nil where there is none.
    func statistics() throws -> ProgramStatistics? {
        try steering?.statistics ?? comparison?.statistics()
    }

    /// Looks who is there, where that is what is measured.
    func look() throws {
        guard kind == .lookedAt else { return }
        try steering?.look()
        _ = steering?.takePeers(atMost: .max) { _ in }
    }

    /// Takes all that has arrived.
    func drain() throws {
        for member in members {
            while try inbox.receive(from: member.socket) > 0 {}
        }
    }
}
