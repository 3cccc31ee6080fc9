import Kernel
import TestKit
import Testing

@testable import Steering

/// Listeners of one service that want the same share one table.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct SharedTableTests {
    private let flows = 0..<200
    private let tables = SteeringTables()

    private func group(_ setup: SteeringSetup? = nil, slots: Int = 3) throws -> SteeredGroup {
        let group = try SteeredGroup(
            setup
                ?? SteeringSetup(
                    mode: .flow, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(300)),
            slots: slots,
            tables: tables)
        try group.steering.steerNewFlows(to: [0])
        return group
    }

    private func maps(of group: SteeredGroup) throws -> [SteeringPart: UInt32] {
        var found: [SteeringPart: UInt32] = [:]
        try group.steering.withDescriptors { (part, descriptor) throws(KernelError) in
            if part != .program { found[part] = try mapID(of: descriptor) }
        }
        return found
    }

    /// The slots at one listener of flows that come from the other one's client.
    private func slots(at group: SteeredGroup, from other: SteeredGroup) throws -> Set<Int> {
        try other.send(flows, to: group.address)
        return Set(try group.take(flows.count).keys)
    }

    @Test func whatWantsTheSameSharesATableAndNothingElse() throws {
        let short = SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(5))
        let large = SteeringSetup(mode: .flow, transport: .udp, maxFlows: 5000)
        let groups = [try group(), try group(), try group(short), try group(large)]
        let maps = try groups.map(maps)
        #expect(maps[0][.flows] == maps[1][.flows])
        #expect(maps[0][.table] == maps[1][.table])
        for part in [SteeringPart.flows, .table] {
            #expect(Set(maps.map { $0[part] }).count == 3)
        }
        for part in [SteeringPart.steering, .sockets] {
            #expect(Set(maps.map { $0[part] }).count == 4)
        }
    }

    /// The same client with the same source addresses: only the listener's port differs.
    @Test func theSameAddressesAreAFlowOfTheirOwnAtEachListener() throws {
        let (one, two) = (try group(), try group())
        try two.steering.steerNewFlows(to: [1])
        #expect(Set(try one.slots(of: flows).values) == [0])
        #expect(try slots(at: two, from: one) == [1])
        for group in [one, two] {
            #expect(group.steering.counters().newFlows == 200)
            #expect(group.steering.counters().datagrams == 200)
            #expect(group.steering.liveFlows == 200)
        }
        try one.steering.steerNewFlows(to: [2])
        #expect(Set(try one.slots(of: flows).values) == [0])
        try one.steering.resteer(slots: [0])
        #expect(Set(try one.slots(of: flows).values) == [2])
        #expect(try slots(at: two, from: one) == [1])
        #expect(two.steering.counters().newFlows == 200)
        #expect(two.steering.countFlows().mapValues(\.live) == [0: 0, 1: 200, 2: 0])
    }

    @Test func theSameIdIsASessionOfItsOwnAtEachListener() throws {
        let setup = SteeringSetup(mode: .quic, transport: .udp, maxFlows: 1000)
        let (one, two) = (try group(setup), try group(setup))
        #expect(try maps(of: one)[.table] == maps(of: two)[.table])
        #expect(try maps(of: one)[.ids] != maps(of: two)[.ids])
        try two.steering.steerNewFlows(to: [1])
        let session = QUICSession()
        #expect(try one.open(session, from: 1) == 0)
        #expect(try two.open(session, from: 1) == 1)
        for group in [one, two] { try group.steering.steerNewFlows(to: [2]) }
        #expect(try one.slot(of: session.data, from: 2) == 0)
        #expect(try two.slot(of: session.data, from: 2) == 1)
        one.steering.end()
        #expect(try two.slot(of: session.data, from: 3) == 1)
    }

    @Test func aFlowThatIsPinnedByHandIsPinnedAtItsListenerAlone() throws {
        let (one, two) = (try group(), try group())
        try one.learnPorts()
        let peer = SocketAddress.ipv4(0x7F00_0002, port: one.clientPort)
        let flow = try #require(FlowTuple(peer: peer, local: two.address))
        #expect(try two.steering.pin(flow, to: 2) == .done)
        #expect(try one.slots(of: [0]) == [0: 0])
        try one.send([0], to: two.address)
        #expect(try two.take(1) == [2: [0]])
    }

    @Test func listenersThatAreTakenOverShareTheirTableAgain() throws {
        let (one, two) = (try group(), try group())
        try two.steering.steerNewFlows(to: [1])
        _ = try one.slots(of: flows)
        _ = try slots(at: two, from: one)
        let next = SteeringTables()
        try one.takeOver(tables: next)
        try two.takeOver(tables: next)
        try one.steering.steerNewFlows(to: [2])
        try two.steering.steerNewFlows(to: [2])
        #expect(Set(try one.slots(of: flows).values) == [0])
        #expect(try slots(at: two, from: one) == [1])
        one.steering.sweep()
        two.steering.sweep()
        #expect(one.steering.liveFlows == 200)
        #expect(two.steering.liveFlows == 200)
        let third = try SteeredGroup(one.steering.setup, slots: 1, tables: next)
        #expect(try maps(of: third)[.table] == maps(of: one)[.table])
        try third.steering.steerNewFlows(to: [0])
        #expect(try slots(at: third, from: one) == [0])
        #expect(third.steering.counters().newFlows == 200)
    }

    @Test func aListenerThatEndsLeavesRoomAndTheOthersAlone() throws {
        let (one, two) = (try group(), try group())
        _ = try one.slots(of: flows)
        _ = try slots(at: two, from: one)
        one.steering.end()
        #expect(one.steering.countFlows().isEmpty)
        #expect(two.steering.liveFlows == 200)
        #expect(try slots(at: two, from: one) == [0])
        #expect(two.steering.counters().newFlows == 200)
    }

    @Test func aFloodAtOneListenerPushesNoConfirmedFlowOfAnotherOut() throws {
        let (one, two) = (try group(), try group())
        try one.confirm(0..<1000)
        // The smallest table has 32768 entries.
        try two.flood(10_000..<100_000)
        #expect(two.steering.counters().evicted > 0)
        #expect(one.steering.counters().evicted == 0)
        try one.steering.steerNewFlows(to: [1])
        #expect(Set(try one.slots(of: 0..<1000).values) == [0])
        #expect(one.steering.counters().newFlows == 1000)
    }

    @Test func oneListenerSweepsForAllAndAnotherWhenItIsGone() throws {
        var one: SteeredGroup? = try group()
        let two = try group()
        one?.steering.sweep()
        #expect(two.steering.sweepInterval == .seconds(10))
        one = nil
        #expect(two.steering.sweepInterval == .seconds(1))
    }
}
