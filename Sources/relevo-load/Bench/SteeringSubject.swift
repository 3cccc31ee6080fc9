import Kernel
import Steering

/// A reuseport group of two sockets on loopback, steered in one of the ways that are compared.
final class SteeringSubject {
    /// What chooses the socket.
    enum Kind: String, CaseIterable {
        case none, empty, lru, flow, quic
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
        case .flow, .quic:
            let isQUIC = kind == .quic
            let setup = SteeringSetup(
                mode: isQUIC ? .quic : .flow, transport: .udp, maxFlows: maxFlows,
                idleTimeout: .seconds(isQUIC ? 120 : 60))
            (steering, comparison) = (try Steering(setup), nil)
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
        try steering?.steerNewFlows(to: [0, 1])
    }

    /// What the kernel counted of the program; nil where there is none.
    func statistics() throws -> ProgramStatistics? {
        try steering?.statistics ?? comparison?.statistics()
    }

    /// Takes all that has arrived.
    func drain() throws {
        for member in members {
            while try inbox.receive(from: member.socket) > 0 {}
        }
    }
}
