import Kernel
import Steering
import TestKit

/// A reuseport group under steering, with numbered flows of one client.
final class SteeredGroup {
    /// One socket of the group, so that it can be kept in an array and closed.
    final class Member {
        let socket: DatagramSocket

        init(_ socket: consuming DatagramSocket) { self.socket = socket }
    }

    private(set) var steering: Steering
    let address: SocketAddress
    private(set) var members: [Member?] = []
    private let bindAddress: SocketAddress
    private var clients: [Bool: Member] = [:]
    private var furtherClients: [Int: Member] = [:]
    private let batch = DatagramBatch(capacity: 64, datagramSize: 64)
    private let large = DatagramBatch(capacity: 1, datagramSize: 1400)

    convenience init(
        _ setup: SteeringSetup = SteeringSetup(mode: .flow, transport: .udp, maxFlows: 1000),
        at bindAddress: SocketAddress = .loopback(), slots: Int,
        tables: SteeringTables = SteeringTables()
    ) throws {
        try self.init(steering: Steering(setup, tables: tables), at: bindAddress, slots: slots)
    }

    init(
        steering: Steering, at bindAddress: SocketAddress = .loopback(), slots: Int
    ) throws {
        self.steering = steering
        let first = try DatagramSocket(for: bindAddress, options: Self.options)
        try steering.attach(to: first)
        try first.bind(to: bindAddress)
        address = try first.localAddress()
        self.bindAddress = address
        try steering.place(first, at: 0)
        members.append(Member(first))
        for _ in 1..<max(1, slots) { try grow() }
    }

    private static let options = DatagramSocketOptions(receiveBuffer: 4 << 20, v6Only: false)

    /// Binds another socket and places it at the next slot.
    func grow() throws {
        let socket = try DatagramSocket.bound(to: bindAddress, options: Self.options)
        try steering.place(socket, at: members.count)
        members.append(Member(socket))
    }

    /// Goes on as the next supervisor would, without placing anything.
    func takeOver(_ legacy: Legacy) throws { steering = try legacy.resumed() }

    /// Goes on as the next supervisor does.
    func takeOver(tables: SteeringTables = SteeringTables()) throws {
        steering = try Legacy(of: steering).resumed(tables: tables)
        for (slot, member) in members.enumerated() {
            if let member { try steering.place(member.socket, at: slot) }
        }
    }

    /// Binds another socket in the place of one that is closed.
    func replace(_ slot: Int) throws {
        members[slot] = nil
        members[slot] = Member(try DatagramSocket.bound(to: bindAddress, options: Self.options))
    }

    /// Connects a slot's socket to somebody who sends nothing.
    func connect(_ slot: Int) throws {
        let peer = try DatagramSocket.bound(
            to: address.isIPv6 ? .loopback6() : .loopback(),
            options: DatagramSocketOptions(reusePort: false))
        try members[slot]?.socket.connect(to: try peer.localAddress())
    }

    /// Puts a fresh socket in the place of one whose slot goes on, as a listener does.
    func exchange(_ slot: Int) throws {
        guard let old = members[slot] else { return }
        let isOutside = try steering.reattach(to: old.socket) == .outside
        if isOutside || steering.keepsBindOrder {
            try old.socket.leaveGroup()
            try steering.lostMember(slot)
        }
        let new = Member(try DatagramSocket.bound(to: bindAddress, options: Self.options))
        try steering.replace(new.socket, at: slot)
        try old.socket.leaveGroup()
        members[slot] = new
    }

    /// Makes sure that the client has its port, which each of its flows comes from.
    func learnPorts() throws { _ = try client(isIPv6: address.isIPv6) }

    var clientPort: UInt16 {
        clients[address.isIPv6].flatMap { try? $0.socket.localAddress().port } ?? 0
    }

    /// Closes a socket without telling the steering.
    func close(_ slot: Int) { members[slot] = nil }

    /// Sends one datagram of each flow; flow n comes from 127.n in the lower three bytes.
    func send(_ flows: some Collection<Int>, to target: SocketAddress? = nil) throws {
        let target = target ?? destination
        let client = try client(isIPv6: target.isIPv6)
        var rest = Array(flows)[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(batch.capacity)
            for (index, flow) in chunk.enumerated() {
                batch[bytes: index] = [UInt8](repeating: 0, count: 8)
                batch.store(UInt64(flow), at: 0, in: index)
                batch[peer: index] = target
                batch[local: index] = target.isIPv6 ? nil : .ipv4(Self.source(of: flow), port: 0)
            }
            var sent = 0
            while sent < chunk.count {
                sent += try batch.send(through: client.socket, sent..<chunk.count)
            }
            rest = rest.dropFirst(chunk.count)
        }
    }

    /// Sends datagrams at once, each from the address of the client of its number.
    func send(_ datagrams: [(client: Int, payload: [UInt8])]) throws {
        let client = try client(isIPv6: address.isIPv6)
        var rest = datagrams[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(batch.capacity)
            for (index, datagram) in chunk.enumerated() {
                batch[bytes: index] = datagram.payload
                batch[peer: index] = destination
                batch[local: index] =
                    address.isIPv6 ? nil : .ipv4(Self.source(of: datagram.client), port: 0)
            }
            var sent = 0
            while sent < chunk.count {
                sent += try batch.send(through: client.socket, sent..<chunk.count)
            }
            rest = rest.dropFirst(chunk.count)
        }
    }

    /// The flows that arrived at each slot since the last call, when `count` datagrams have come.
    func take(_ count: Int, within limit: Duration = .seconds(20)) throws -> [Int: [Int]] {
        var taken: [Int: [Int]] = [:]
        var missing = count
        let came = try eventually(within: limit) {
            for (slot, member) in members.enumerated() {
                guard let member else { continue }
                while let datagram = try member.socket.receive() {
                    let flow = datagram.bytes.prefix(8).reduce(0) { $0 << 8 | Int($1) }
                    taken[slot, default: []].append(flow)
                    missing -= 1
                }
            }
            return missing <= 0
        }
        return came && missing == 0 ? taken : [:]
    }

    /// Sends one datagram of each flow and tells to which slot each went.
    func slots(
        of flows: some Collection<Int>, to target: SocketAddress? = nil,
        within limit: Duration = .seconds(20)
    ) throws -> [Int: Int] {
        try send(flows, to: target)
        var found: [Int: Int] = [:]
        for (slot, flows) in try take(flows.count, within: limit) {
            for flow in flows { found[flow] = slot }
        }
        return found
    }

    /// Sends until the flows are confirmed: their second datagram comes over a millisecond later. A datagram that is
    /// lost on its way is said, and sent again.
    func confirm(_ flows: some Collection<Int>) throws {
        var found = 0
        let confirmed = try eventually {
            let came = try slots(of: flows, within: .seconds(2)).count
            if came < flows.count {
                print("confirm: not all of \(flows.count) datagrams came to \(address): \(state)")
            }
            found = steering.countFlows().values.reduce(0) { $0 + $1.confirmed }
            return found >= flows.count
        }
        guard confirmed else {
            throw TestFailure("\(found) of \(flows.count) flows were confirmed: \(state)")
        }
    }

    /// What helps to find out where datagrams have gone.
    private var state: String {
        let queues = members.compactMap(\.self).map { member in
            (try? member.socket.memory()).map { "\($0)" } ?? "no socket"
        }
        return "\(steering.counters()), \(queues)"
    }

    /// Sends one datagram of a client's and tells to which slot it went; nil where none came.
    ///
    /// - Parameters:
    ///   - client: numbers its address; with IPv6 there is but one.
    ///   - port: numbers its port.
    func slot(of payload: [UInt8], from client: Int, port: Int = 0) throws -> Int? {
        try send(payload, from: client, port: port)
        var slot: Int?
        _ = try eventually {
            for (number, member) in members.enumerated() {
                guard let member else { continue }
                if let datagram = try member.socket.receive(), datagram.bytes == payload {
                    slot = number
                }
            }
            return slot != nil
        }
        return slot
    }

    /// The addresses of what a client sends.
    func flow(from client: Int, port: Int = 0) throws -> FlowTuple {
        let sender = try self.client(isIPv6: address.isIPv6, port: port)
        var peer: SocketAddress =
            address.isIPv6 ? .loopback6() : .ipv4(Self.source(of: client), port: 0)
        peer.port = try sender.socket.localAddress().port
        guard let flow = FlowTuple(peer: peer, local: destination) else {
            throw TestFailure("a flow of two families")
        }
        return flow
    }

    /// What an id's entry keeps of a client's port.
    func clientMark(port: Int) throws -> UInt16 {
        let number = try client(isIPv6: address.isIPv6, port: port).socket.localAddress().port
        return (number ^ number >> 8) & 0xff
    }

    /// Sends one datagram of a client's.
    func send(_ payload: [UInt8], from client: Int, port: Int = 0) throws {
        let sender = try self.client(isIPv6: address.isIPv6, port: port)
        large[bytes: 0] = payload
        large[peer: 0] = destination
        large[local: 0] = address.isIPv6 ? nil : .ipv4(Self.source(of: client), port: 0)
        while try large.send(through: sender.socket, 0..<1) == 0 {}
    }

    static func source(of flow: Int) -> UInt32 { 0x7F00_0000 | UInt32(flow + 2) }

    private var destination: SocketAddress {
        guard address.isWildcard else { return address }
        return address.isIPv6 ? .loopback6(port: address.port) : .loopback(port: address.port)
    }

    private func client(isIPv6: Bool, port: Int) throws -> Member {
        if port == 0 { return try client(isIPv6: isIPv6) }
        if let client = furtherClients[port] { return client }
        let client = try makeClient(isIPv6: isIPv6)
        furtherClients[port] = client
        return client
    }

    private func client(isIPv6: Bool) throws -> Member {
        if let client = clients[isIPv6] { return client }
        let client = try makeClient(isIPv6: isIPv6)
        clients[isIPv6] = client
        return client
    }

    private func makeClient(isIPv6: Bool) throws -> Member {
        let any: SocketAddress = isIPv6 ? .loopback6() : .ipv4(0, port: 0)
        let options = DatagramSocketOptions(reusePort: false, sendBuffer: 4 << 20)
        return Member(try DatagramSocket.bound(to: any, options: options))
    }
}

/// A test's preparation that did not come about.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension SteeredGroup {
    /// Sends one datagram of each flow and throws away what arrives.
    func flood(_ flows: some Collection<Int>) throws {
        var rest = Array(flows)[...]
        while !rest.isEmpty {
            try send(rest.prefix(4096))
            rest = rest.dropFirst(4096)
            for member in members { _ = try member?.socket.discardQueue() }
        }
    }
}

extension SteeredGroup {
    static let quicSetup = SteeringSetup(
        mode: .quic, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(120))

    /// Three slots steered by connection ids, new sessions to the first.
    static func quic(
        _ setup: SteeringSetup = quicSetup, at address: SocketAddress = .loopback()
    ) throws -> SteeredGroup {
        let group = try SteeredGroup(setup, at: address, slots: 3)
        try group.steering.steerNewFlows(to: [0])
        return group
    }
}
