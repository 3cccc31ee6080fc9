import Kernel
import Steering
import TestKit
import Testing

/// What others do to a group, and what the steering makes of it.
@Suite(.leavesNoDescriptors) struct RepairTests {
    static let classic = SteeringSetup(mode: .stateless, transport: .udp, machine: .classic)
    static let setups =
        [classic]
        + (Privilege.hasBPF
            ? [
                SteeringSetup(mode: .flow, transport: .udp, maxFlows: 1000),
                SteeringSetup(mode: .stateless, transport: .udp),
            ] : [])

    @Test(arguments: setups)
    func anotherProgramIsReplacedByOurs(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, slots: 4)
        try group.steering.steerNewFlows(to: [2])
        let toTheFirst = ClassicInstruction(code: 0x06, operand: 0)
        try group.members[3]?.socket.attachSteering(instructions: [toTheFirst])
        #expect(Set(try group.slots(of: 0..<50).values) == [0])
        #expect(try group.membership(of: 1) == .member)
        #expect(Set(try group.slots(of: 0..<50).values) == [2])
        try group.members[3]?.socket.detachSteering()
        #expect(try group.membership(of: 3) == .member)
        #expect(Set(try group.slots(of: 100..<150).values) == [2])
    }

    @Test(arguments: setups, [SocketAddress.loopback(), .loopback6(), .ipv4(0, port: 0)])
    func aSocketThatWasConnectedIsOutsideForGoodAndAnotherOneTakesItsPlace(
        _ setup: SteeringSetup, _ address: SocketAddress
    ) throws {
        let group = try SteeredGroup(setup, at: address, slots: 3)
        try group.steering.steerNewFlows(to: [1])
        let before = try group.slots(of: 0..<20)
        #expect(Set(before.values) == [1])
        try group.connect(1)
        // Up to Linux 6.15 one at a specific address stays in.
        guard try group.membership(of: 1) == .outside else { return }
        #expect(try group.membership(of: 0) == .member)
        try group.exchange(1)
        #expect(try group.slots(of: 0..<20) == before)
        #expect(Set(try group.slots(of: 50..<100).values) == [1])
        // The others are where they were.
        for slot in [2, 0] {
            // Over IPv6 all flows of the client are one.
            try group.steering.resteer(slots: [0, 1, 2])
            try group.steering.steerNewFlows(to: [slot])
            #expect(Set(try group.slots(of: slot * 100 + 200..<slot * 100 + 250).values) == [slot])
        }
    }

    @Test(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"))
    func aSocketInTheGroupIsReplacedWithoutAMomentInBetween() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<10)
        try group.steering.steerNewFlows(to: [1])
        try group.exchange(0)
        // Pinned flows follow the slot.
        #expect(Set(try group.slots(of: 0..<10).values) == [0])
        #expect(Set(try group.slots(of: 10..<20).values) == [1])
        #expect(group.steering.counters().fallback == 0)
    }

    @Test func theOrderOfTheClassicMachineOutlivesTheSupervisor() throws {
        let group = try SteeredGroup(Self.classic, slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        try group.exchange(1)
        try group.takeOver()
        for slot in 0..<4 {
            try group.steering.steerNewFlows(to: [slot])
            #expect(Set(try group.slots(of: 0..<50).values) == [slot])
        }
        try group.grow()
        try group.steering.steerNewFlows(to: [4])
        #expect(Set(try group.slots(of: 0..<50).values) == [4])
    }
}

extension SteeredGroup {
    fileprivate func membership(of slot: Int) throws -> GroupMembership? {
        guard let member = members[slot] else { return nil }
        return try steering.reattach(to: member.socket)
    }
}
