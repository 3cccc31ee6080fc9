import Kernel
import Packs
import TestKit
import Testing

@testable import Steering

/// The programs for Linux 5.10, which newer kernels take as well.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct PlainProgramTests {
    private func group(_ setup: SteeringSetup) throws -> SteeredGroup {
        let variant = try #require(ProgramVariant.candidates(for: setup).last)
        try #require(variant.name.hasSuffix("_plain"))
        let machine = try ChooseMachine.program(variant, setup, SteeringTables())
        let group = try SteeredGroup(steering: Steering(setup, machine: machine), slots: 3)
        try group.steering.steerNewFlows(to: [0])
        return group
    }

    @Test(arguments: [Balance.hash, .load])
    func flowsStayOverAFlip(balance: Balance) throws {
        let group = try group(
            SteeringSetup(mode: .flow, transport: .udp, maxFlows: 1000, balance: balance))
        try group.confirm(0..<100)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slots(of: 0..<100).values.allSatisfy { $0 == 0 })
        #expect(try group.slots(of: 100..<200).values.allSatisfy { $0 == 1 })
        #expect(group.steering.countFlows()[0]?.confirmed == 100)
    }

    @Test(arguments: [Balance.hash, .load])
    func quicSessionsStayWhenTheirClientsAddressChanges(balance: Balance) throws {
        var setup = SteeredGroup.sealedSetup
        setup.balance = balance
        setup.serverIDLength = 4
        let group = try group(setup)
        for slot in 0..<2 { group.steering.setServer([1, 2, 3, UInt8(slot)], of: slot) }
        var old = QUICSession()
        #expect(try group.open(old, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        let new = QUICSession()
        #expect(try group.open(new, from: 1) == 1)
        // One port in 256 looks like the one before.
        let port = try #require(
            try (1..<20).first { try group.clientMark(port: $0) != group.clientMark(port: 0) })
        #expect(try group.slot(of: old.data, from: 2, port: port) == 0)
        #expect(try group.slot(of: new.data, from: 3) == 1)
        old.rotate()
        #expect(try group.slot(of: old.data, from: 2, port: port) == 0)
        #expect(try group.slot(of: old.data, from: 4) == 0)
        // Ids that say whose they are, and one that nobody has made.
        for client in 10..<20 {
            let slot = client % 2
            let sealed = QUICDatagram.short(to: try group.id(of: slot))
            #expect(try group.slot(of: sealed, from: client) == slot)
            let named = QUICDatagram.short(to: [7, 1, 2, 3, UInt8(slot)] + QUICDatagram.noise(7))
            #expect(try group.slot(of: named, from: client, port: 1) == slot)
        }
        var forged = try group.id(of: 0)
        forged[2] ^= 1
        #expect(try group.slot(of: QUICDatagram.short(to: forged), from: 30) == 1)
        #expect(group.steering.counters().rules?.owner == 20)
    }

    @Test(arguments: Pack.Order.allCases)
    func describedSessionsStayOverAFlip(order: Pack.Order) throws {
        let rules = try ["open @0=01", "continue @0=02 id=1+4"].map { try PackRule(parsing: $0) }
        let group = try group(
            SteeringSetup(
                mode: .pack, transport: .udp, maxFlows: 1000,
                pack: Pack(order: order, rules: rules)))
        let (opening, going): ([UInt8], [UInt8]) = ([1, 0, 0, 0, 0, 0], [2, 6, 7, 8, 9, 0])
        #expect(try group.slot(of: opening, from: 1) == 0)
        #expect(try group.slot(of: going, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: going, from: 1) == 0)
        // By its id.
        #expect(try group.slot(of: going, from: 2) == 0)
        #expect(try group.slot(of: opening, from: 3) == 1)
    }
}
