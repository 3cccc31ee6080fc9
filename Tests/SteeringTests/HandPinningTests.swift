import Kernel
import Steering
import TestKit
import Testing

/// Flows that are pinned and ended by hand, while the program steers.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct HandPinningTests {
    /// A flow that `SteeredGroup` sends, by its addresses.
    private func flow(_ number: Int, of group: SteeredGroup) throws -> FlowTuple {
        let local = group.address
        let peer: SocketAddress =
            local.isIPv6
            ? .loopback6(port: group.clientPort)
            : .ipv4(0x7F00_0000 | UInt32(number + 2), port: group.clientPort)
        return try #require(FlowTuple(peer: peer, local: local))
    }

    @Test func aFlowPinnedByHandArrivesThereAndNowhereElse() throws {
        let group = try SteeredGroup(slots: 3)
        try group.steering.steerNewFlows(to: [0])
        try group.learnPorts()
        for number in 0..<100 {
            let result = try group.steering.pin(try flow(number, of: group), to: 1 + number % 2)
            #expect(result == .done)
        }
        let slots = try group.slots(of: 0..<200)
        for number in 0..<100 { #expect(slots[number] == 1 + number % 2) }
        for number in 100..<200 { #expect(slots[number] == 0) }
        #expect(group.steering.countFlows()[1]?.confirmed == 50)
    }

    @Test func anIPv6FlowIsHashedAsTheProgramDoes() throws {
        let group = try SteeredGroup(at: .loopback6(), slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.learnPorts()
        #expect(try group.steering.pin(try flow(0, of: group), to: 1) == .done)
        #expect(try group.slots(of: [0]) == [0: 1])
        #expect(group.steering.unpin(try flow(0, of: group), from: 1) == .done)
        #expect(try group.slots(of: [0]) == [0: 0])
    }

    @Test func aPinnedFlowStaysOverAFlipAndIsTakenFromAnotherSlot() throws {
        let group = try SteeredGroup(slots: 3)
        try group.steering.steerNewFlows(to: [0])
        let before = try group.slots(of: 0..<100)
        #expect(Set(before.values) == [0])
        for number in 0..<50 {
            #expect(try group.steering.pin(try flow(number, of: group), to: 1) == .done)
        }
        try group.steering.steerNewFlows(to: [2])
        let after = try group.slots(of: 0..<100)
        for number in 0..<100 { #expect(after[number] == (number < 50 ? 1 : 0)) }
        #expect(group.steering.countFlows()[1]?.live == 50)
        #expect(group.steering.countFlows()[0]?.live == 50)
    }

    @Test func anEndedFlowIsANewOneAndOnlyItsOwnSlotEndsIt() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(0..<100)
        try group.steering.steerNewFlows(to: [1])
        for number in 0..<50 {
            #expect(group.steering.unpin(try flow(number, of: group), from: 1) == .done)
        }
        #expect(group.steering.countFlows()[0]?.live == 100)
        for number in 0..<50 {
            #expect(group.steering.unpin(try flow(number, of: group), from: 0) == .done)
        }
        #expect(group.steering.countFlows()[0]?.live == 50)
        let after = try group.slots(of: 0..<100)
        for number in 0..<100 { #expect(after[number] == (number < 50 ? 1 : 0)) }
    }

    @Test func manyFlowsAreFoundWhereTheTableGrows() throws {
        let setup = SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 100_000, idleTimeout: .seconds(3600))
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.learnPorts()
        for number in 0..<60_000 {
            #expect(try group.steering.pin(try flow(number, of: group), to: 1) == .done)
            if number % 5000 == 0 { group.steering.sweep() }
        }
        #expect(group.steering.countFlows()[1]?.live == 60_000)
        let sample = Array(stride(from: 0, to: 60_000, by: 97))
        let slots = try group.slots(of: sample)
        #expect(sample.allSatisfy { slots[$0] == 1 })
        for number in 0..<60_000 {
            _ = group.steering.unpin(try flow(number, of: group), from: 1)
        }
        #expect(group.steering.countFlows()[1]?.live == 0)
    }

    @Test func aTableFullOfSessionsSaysSoAndLosesNone() throws {
        // No flow ends meanwhile, however long it takes to fill the table.
        let setup = SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 1, idleTimeout: .seconds(3600))
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.learnPorts()
        var pinned: [Int] = []
        var number = 0
        while number < 200_000 {
            guard try group.steering.pin(try flow(number, of: group), to: 1) == .done else { break }
            pinned.append(number)
            number += 1
        }
        #expect(number < 200_000, "a table of any size is full at some time")
        #expect(group.steering.countFlows()[1]?.live == pinned.count)
    }

    @Test func whatRemembersNothingSaysSo() throws {
        let setup = SteeringSetup(mode: .stateless, transport: .udp)
        let group = try SteeredGroup(setup, slots: 1)
        try group.steering.steerNewFlows(to: [0])
        let tuple = try #require(FlowTuple(peer: .loopback(port: 1), local: group.address))
        #expect(try group.steering.pin(tuple, to: 0) == .unsupported)
        #expect(group.steering.unpin(tuple, from: 0) == .unsupported)
    }

    @Test func familiesMakeNoFlowTogetherButMappedAddressesDo() {
        #expect(FlowTuple(peer: .loopback(port: 1), local: .loopback6(port: 2)) == nil)
        let mapped = SocketAddress.ipv6(0xFFFF_7F00_0001, port: 1, scope: 0)
        #expect(
            FlowTuple(peer: mapped, local: .loopback())
                == FlowTuple(peer: .loopback(port: 1), local: .loopback()))
    }
}
