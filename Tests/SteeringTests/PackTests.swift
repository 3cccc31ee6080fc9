import Kernel
import Packs
import Steering
import TestKit
import Testing

/// Sessions of described protocols, over a flip from slot 0 to slot 1.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct PackTests {
    private static func setup(_ order: Pack.Order) throws -> SteeringSetup {
        let rules = [
            "open @0=01", "continue @0=02 id=1+4", "continue @0=03", "either @0=04 id=1+4",
        ]
        return SteeringSetup(
            mode: .pack, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(120),
            pack: Pack(order: order, rules: try rules.map { try PackRule(parsing: $0) }))
    }

    private static func group(
        _ order: Pack.Order, at address: SocketAddress = .loopback()
    ) throws -> SteeredGroup {
        let group = try SteeredGroup(try setup(order), at: address, slots: 3)
        try group.steering.steerNewFlows(to: [0])
        return group
    }

    private static let opening: [UInt8] = [1, 0, 0, 0, 0, 0]

    private static func data(_ id: UInt8, kind: UInt8 = 2) -> [UInt8] { [kind, id, 7, 8, 9, 0] }

    /// Begins a session that has an id.
    private static func open(
        _ id: UInt8, in group: SteeredGroup, from client: Int, port: Int = 0
    ) throws -> Int? {
        let first = try group.slot(of: opening, from: client, port: port)
        let second = try group.slot(of: data(id), from: client, port: port)
        return first == second ? first : nil
    }

    @Test(arguments: Pack.Order.allCases)
    func aSessionStaysWhenItsClientsAddressChanges(order: Pack.Order) throws {
        let group = try Self.group(order)
        #expect(try Self.open(1, in: group, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try Self.open(2, in: group, from: 2) == 1)
        for client in 3..<20 {
            #expect(try group.slot(of: Self.data(1), from: client * 2) == 0)
            #expect(try group.slot(of: Self.data(2), from: client * 2 + 1) == 1)
        }
        let rules = group.steering.counters().rules
        #expect(rules?.learned == 2)
        #expect(rules?.unknown == 0)
    }

    @Test(arguments: Pack.Order.allCases)
    func soDoesOneOverIPv6(order: Pack.Order) throws {
        let group = try Self.group(order, at: .loopback6())
        #expect(try Self.open(1, in: group, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: Self.data(1), from: 1, port: 1) == 0)
        #expect(try Self.open(2, in: group, from: 1, port: 2) == 1)
    }

    @Test func anAddressCountsFirstWhereIdsMayCollide() throws {
        let group = try Self.group(.tuple)
        #expect(try Self.open(1, in: group, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        // Another process has issued the same id.
        #expect(try group.slot(of: Self.opening, from: 2) == 1)
        #expect(try group.slot(of: Self.data(1), from: 2) == 1)
        #expect(try group.slot(of: Self.data(1), from: 1) == 0)
        // What begins a session at an address that has one is that one's: a new key, say.
        #expect(try group.slot(of: Self.opening, from: 1) == 0)
    }

    @Test func anIdCountsFirstWhereManySessionsShareAnAddress() throws {
        let group = try Self.group(.id)
        #expect(try Self.open(1, in: group, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        // Not so what is sent again of a handshake that has just begun.
        #expect(try group.slot(of: Self.opening, from: 1) == 0)
        #expect(try Self.open(2, in: group, from: 2) == 1)
        #expect(try group.slot(of: Self.data(1), from: 2) == 0)
        #expect(try group.slot(of: Self.data(2), from: 1) == 1)
    }

    /// A new key: the server gives its session another id on the same address.
    @Test(arguments: Pack.Order.allCases)
    func anotherIdIsLearnedWithItsFirstDatagram(order: Pack.Order) throws {
        let group = try Self.group(order)
        #expect(try Self.open(1, in: group, from: 1) == 0)
        let confirmed = try eventually {
            _ = try group.slot(of: Self.data(1), from: 1)
            return group.steering.countFlows()[0]?.confirmed == 1
        }
        #expect(confirmed)
        for id in 2..<20 as Range<UInt8> {
            #expect(try group.slot(of: Self.data(id), from: 1) == 0)
        }
        try group.steering.steerNewFlows(to: [1])
        for id in 1..<20 as Range<UInt8> {
            #expect(try group.slot(of: Self.data(id), from: 10 + Int(id)) == 0, "\(id)")
        }
        let rules = group.steering.counters().rules
        #expect(rules?.learned == 19)
        #expect(rules?.guessed == 0)
    }

    @Test(arguments: Pack.Order.allCases)
    func whatGoesOnWithoutAnIdGoesByItsAddress(order: Pack.Order) throws {
        let group = try Self.group(order)
        #expect(try Self.open(1, in: group, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: [3, 0], from: 1) == 0)
        // Where its client had a session last.
        #expect(try group.slot(of: [3, 0], from: 1, port: 1) == 0)
        #expect(group.steering.counters().rules?.hinted == 1)
    }

    @Test(arguments: Pack.Order.allCases)
    func whatMayBeEitherBeginsASessionWhereNobodyKnowsIt(order: Pack.Order) throws {
        let group = try Self.group(order)
        for _ in 0..<2 { #expect(try group.slot(of: Self.data(1, kind: 4), from: 1) == 0) }
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: Self.data(1, kind: 4), from: 2) == 0)
        // Neither a guess nor a hint.
        #expect(try group.slot(of: Self.data(2, kind: 4), from: 1, port: 1) == 1)
        #expect(group.steering.counters().rules?.hinted == 0)
    }

    @Test(arguments: Pack.Order.allCases)
    func theNextSupervisorKnowsTheIds(order: Pack.Order) throws {
        let group = try Self.group(order)
        #expect(try Self.open(1, in: group, from: 1) == 0)
        try group.takeOver()
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: Self.data(1), from: 2) == 0)
        #expect(try Self.open(2, in: group, from: 3) == 1)
        #expect(group.steering.setup == (try Self.setup(order)))
    }

    @Test(arguments: Pack.Order.allCases)
    func aDrainCountsASessionOnce(order: Pack.Order) throws {
        let group = try Self.group(order)
        for id in 0..<50 as Range<UInt8> {
            #expect(try Self.open(id, in: group, from: Int(id)) == 0)
        }
        #expect(group.steering.countFlows()[0]?.live == 50)
    }

    @Test(arguments: Pack.Order.allCases)
    func realSessionsStayAfterAFloodOfMadeUpIds(order: Pack.Order) throws {
        var setup = try Self.setup(order)
        setup.unknownIDs = .current
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        let old = 0..<100 as Range<UInt8>
        for id in old { #expect(try Self.open(id, in: group, from: Int(id)) == 0) }
        // By its address and by its id, some time after the first.
        let start = MonotonicClock.now()
        let confirmed = try eventually {
            for id in old { _ = try group.slot(of: Self.data(id), from: Int(id)) }
            return (group.steering.countFlows()[0]?.confirmed ?? 0) >= 100
                && MonotonicClock.now() - start > .milliseconds(100)
        }
        #expect(confirmed)
        try group.steering.steerNewFlows(to: [1])
        let before = group.steering.counters().rules?.unknown ?? 0
        for client in 1000..<31_000 {
            try group.send([2] + QUICDatagram.noise(4) + [0xff], from: client)
            if client % 256 == 0 {
                // None of them reaches the generation that drains.
                #expect(try group.members[0]?.socket.discardQueue() == 0)
                _ = try group.members[1]?.socket.discardQueue()
            }
        }
        _ = try group.members[1]?.socket.discardQueue()
        #expect((group.steering.counters().rules?.unknown ?? 0) - before == 30_000)
        for id in old {
            #expect(try group.slot(of: Self.data(id), from: 100_000 + Int(id)) == 0)
        }
    }

    @Test func classicBPFKnowsNoIds() throws {
        var setup = try Self.setup(.tuple)
        setup.machine = .classic
        let error = #expect(throws: SteeringError.self) { try Steering(setup) }
        #expect(
            error?.description
                == "classic BPF remembers no flows and no ids; use --steering stateless")
    }

    @Test func anIdWhoseLengthNobodySaidIsNone() throws {
        var setup = try Self.setup(.id)
        setup.pack?.rules = [try PackRule(parsing: "continue id=1+set")]
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        for _ in 0..<2 { #expect(try group.slot(of: Self.data(1), from: 1) == 0) }
        #expect(group.steering.counters().rules?.learned == 0)
    }
}
