import Kernel
import Packs
import TestKit
import Testing

@testable import Steering

/// Who has flows, as the programs tell it while somebody looks.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct PeersTests {
    /// Flows outlast a machine that stands still for seconds; their times are written about each second.
    private static let setup = SteeringSetup(
        mode: .flow, transport: .udp, maxFlows: 100_000, idleTimeout: .seconds(30))

    private func taken(_ steering: Steering) -> [ToldPeer] {
        var all: [ToldPeer] = []
        while steering.takePeers(atMost: 1000, { all.append($0) }) == 1000 {}
        return all
    }

    /// Sends of all flows, again and again, for as long as it takes that all were told of.
    private func tellAll(_ group: SteeredGroup, _ flows: Range<Int>) throws -> [ToldPeer] {
        var told: [ToldPeer.Key: ToldPeer] = [:]
        let all = try eventually {
            try group.steering.look()
            _ = try group.slots(of: flows)
            for peer in taken(group.steering) { told[peer.key] = peer }
            return told.count >= flows.count
        }
        #expect(all)
        return Array(told.values)
    }

    @Test(arguments: [Balance.hash, .load], [false, true])
    func allFlowsThatSendAreToldWithTheirAddresses(balance: Balance, isPlain: Bool) throws {
        var setup = Self.setup
        setup.balance = balance
        let group = try self.group(setup, isPlain: isPlain)
        try group.confirm(0..<300)
        try group.steering.steerNewFlows(to: [1])
        let told = try tellAll(group, 0..<300)
        #expect(told.count == 300)
        let local = group.address
        let wanted = Set(
            (0..<300).compactMap {
                FlowTuple(
                    peer: .ipv4(SteeredGroup.source(of: $0), port: group.clientPort), local: local)
            })
        #expect(Set(told.compactMap(\.flow)) == wanted)
        let stays = group.steering.stays
        #expect(told.allSatisfy { stays[$0.stay] == 0 })
        #expect(group.steering.counters().untold == 0)
    }

    @Test func nothingIsToldWhileNobodyLooks() throws {
        let group = try SteeredGroup(Self.setup, slots: 1)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<50)
        try group.steering.look()
        group.steering.endLook()
        for _ in 0..<20 { _ = try group.slots(of: 0..<50) }
        try group.steering.look()
        #expect(taken(group.steering).isEmpty)
    }

    /// As after the death of who looked: the time is the programs' own.
    @Test func aLookThatNobodyRenewsEndsByItself() throws {
        // Its time is written as often as it can be told of.
        var setup = Self.setup
        setup.idleTimeout = .seconds(2)
        let group = try SteeredGroup(setup, slots: 1)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<1)
        try group.steering.look()
        var last = MonotonicClock.now()
        let begin = last
        let silent = try eventually {
            _ = try group.slots(of: 0..<1)
            if !taken(group.steering).isEmpty { last = MonotonicClock.now() }
            return MonotonicClock.now() - begin > .seconds(4)
        }
        #expect(silent)
        #expect(last - begin > .milliseconds(500) && last - begin < .seconds(3.3))
    }

    @Test func whatFindsNoRoomIsCounted() throws {
        let group = try SteeredGroup(Self.setup, slots: 1)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<2000)
        let full = try eventually {
            try group.steering.look()
            _ = try group.slots(of: 0..<2000)
            return group.steering.counters().untold > 0
        }
        #expect(full)
        let room = TablePeers.size(for: Self.setup.tableShape)
        #expect(taken(group.steering).count == room / 96)
    }

    @Test func ofIPv6AsWell() throws {
        let group = try SteeredGroup(Self.setup, at: .loopback6(), slots: 1)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<1)
        let told = try tellAll(group, 0..<1)
        let flow = FlowTuple(peer: .loopback6(port: group.clientPort), local: group.address)
        #expect(told.first?.flow == flow)
    }

    @Test func listenersThatShareATableShareWhatIsTold() throws {
        let tables = SteeringTables()
        let one = try SteeredGroup(Self.setup, slots: 1, tables: tables)
        let other = try SteeredGroup(Self.setup, slots: 1, tables: tables)
        for group in [one, other] {
            try group.steering.steerNewFlows(to: [0])
            try group.confirm(0..<10)
        }
        var told: [ToldPeer.Key: ToldPeer] = [:]
        let all = try eventually {
            try one.steering.look()
            for group in [one, other] { _ = try group.slots(of: 0..<10) }
            for peer in taken(one.steering) { told[peer.key] = peer }
            return told.count == 20
        }
        #expect(all)
        let stays = [one, other].map { Set($0.steering.stays.keys) }
        #expect(stays[0].isDisjoint(with: stays[1]))
        for stays in stays { #expect(told.values.count { stays.contains($0.stay) } == 10) }
    }

    @Test func theNextSupervisorLooksOn() throws {
        let group = try SteeredGroup(Self.setup, slots: 1)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<20)
        try group.takeOver()
        #expect(group.steering.untellable == nil)
        #expect(try tellAll(group, 0..<20).count == 20)
    }

    @Test(arguments: [false, true])
    func aQUICSessionIsToldWithItsID(isPlain: Bool) throws {
        var setup = SteeredGroup.sealedSetup
        setup.idleTimeout = .seconds(30)
        let group = try self.group(setup, isPlain: isPlain)
        let session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        #expect(try group.slot(of: session.data, from: 1) == 0)
        var id: [UInt8]?
        let found = try eventually {
            try group.steering.look()
            _ = try group.slot(of: session.data, from: 1)
            for peer in taken(group.steering) { id = group.steering.sessionID(of: peer) ?? id }
            return id != nil
        }
        #expect(found)
        #expect(id.map { Array(session.data.dropFirst().prefix($0.count)) } == id)
    }

    @Test(arguments: Pack.Order.allCases, [false, true])
    func aDescribedSessionIsToldWithItsID(order: Pack.Order, isPlain: Bool) throws {
        let rules = try ["open @0=01", "continue @0=02 id=1+4"].map { try PackRule(parsing: $0) }
        let group = try self.group(
            SteeringSetup(
                mode: .pack, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(30),
                pack: Pack(order: order, rules: rules)), isPlain: isPlain)
        #expect(try group.slot(of: [1, 0, 0, 0, 0, 0], from: 1) == 0)
        var id: [UInt8]?
        let found = try eventually {
            try group.steering.look()
            _ = try group.slot(of: [2, 6, 7, 8, 9, 0], from: 1)
            for peer in taken(group.steering) { id = group.steering.sessionID(of: peer) ?? id }
            return id != nil
        }
        #expect(found)
        #expect(id == [6, 7, 8, 9])
    }

    @Test func flowsThatWereSeenAreCounted() throws {
        let group = try SteeredGroup(Self.setup, slots: 1)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<40)
        // Times of flows that go on are up to a second old.
        let silent = MonotonicClock.now() + .seconds(1)
        let all = try eventually {
            _ = try group.slots(of: 0..<10)
            return MonotonicClock.now() - silent > .seconds(2)
        }
        #expect(all)
        let time = MonotonicClock.now() - silent
        #expect(group.steering.flows(seenWithin: time)[0] == 10)
        #expect(group.steering.countFlows()[0]?.confirmed == 40)
    }

    @Test func aFlowIsFoundByItsAddresses() throws {
        let group = try SteeredGroup(Self.setup, slots: 2)
        try group.steering.steerNewFlows(to: [1])
        try group.confirm(0..<3)
        let flow = try #require(
            FlowTuple(
                peer: .ipv4(SteeredGroup.source(of: 2), port: group.clientPort),
                local: group.address))
        #expect(group.steering.slot(of: flow) == 1)
        #expect(group.steering.unpin(flow, from: 1) == .done)
        #expect(group.steering.slot(of: flow) == nil)
    }

    @Test func whereNothingIsRememberedThatIsSaid() throws {
        for machine in [SteeringSetup.Machine.best, .classic] {
            var setup = SteeringSetup(mode: .stateless, transport: .udp)
            setup.machine = machine
            let steering = try Steering(setup)
            #expect(steering.untellable?.contains("no flow is remembered") == true)
            try steering.look()
            #expect(taken(steering).isEmpty)
        }
    }

    private func group(_ setup: SteeringSetup, isPlain: Bool) throws -> SteeredGroup {
        let variants = ProgramVariant.candidates(for: setup)
        let variant = try #require(isPlain ? variants.last : variants.first)
        let machine = try ChooseMachine.program(variant, setup, SteeringTables())
        let group = try SteeredGroup(steering: Steering(setup, machine: machine), slots: 2)
        try group.steering.steerNewFlows(to: [0])
        return group
    }
}
