import Kernel
import Steering
import TestKit
import Testing

@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct PinningTests {
    private let flows = 0..<200

    @Test func newFlowsGoToEverySlotOfTheCurrentBankAndToNoOther() throws {
        let group = try SteeredGroup(slots: 6)
        try group.steering.steerNewFlows(to: [1, 2, 4])
        let slots = try group.slots(of: flows)
        #expect(slots.count == flows.count)
        #expect(Set(slots.values) == [1, 2, 4])
    }

    @Test func aFlowStaysWithItsSlotOverAFlip() throws {
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let before = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(try group.slots(of: flows) == before)
        let later = try group.slots(of: 1000..<1200)
        #expect(Set(later.values) == [2, 3])
        #expect(try group.slots(of: flows) == before)
    }

    @Test func resteeredFlowsCountAsNewAndOthersStay() throws {
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let before = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [2, 3])
        try group.steering.resteer(slots: [0])
        let after = try group.slots(of: flows)
        for flow in flows {
            if before[flow] == 1 {
                #expect(after[flow] == 1)
            } else {
                #expect(after[flow] == 2 || after[flow] == 3)
            }
        }
        #expect(try group.slots(of: flows) == after)
    }

    @Test func aSlotThatIsCurrentAgainAfterResteeringPinsAnew() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [0])
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [1])
        try group.steering.resteer(slots: [0])
        try group.steering.steerNewFlows(to: [0])
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [1])
        #expect(Set(try group.slots(of: flows).values) == [0])
    }

    @Test func aSlotGivenToAnotherSocketHasNoneOfTheOldFlows() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [1])
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [0])
        try group.steering.release(1)
        group.close(1)
        try group.grow()
        let second = try #require(group.members[2])
        try group.steering.release(2)
        try group.steering.place(second.socket, at: 1)
        #expect(Set(try group.slots(of: flows).values) == [0])
    }

    @Test func thousandsOfGenerationsOnOneSlotNeverInheritAFlow() throws {
        let group = try SteeredGroup(slots: 2)
        for _ in 0..<2500 {
            try group.steering.steerNewFlows(to: [1])
            #expect(try group.slots(of: [7]) == [7: 1])
            try group.steering.steerNewFlows(to: [0])
            #expect(try group.slots(of: [7]) == [7: 1])
            try group.steering.resteer(slots: [1])
            #expect(try group.slots(of: [7]) == [7: 0])
            try group.steering.resteer(slots: [0])
        }
    }

    @Test func aFlowThatWasIdleTooLongIsNew() throws {
        let setup = SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 1000, idleTimeout: .milliseconds(100))
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [1])
        #expect(try eventually { group.steering.liveFlows == 0 })
        #expect(Set(try group.slots(of: flows).values) == [1])
    }

    @Test func aCountServesForAWhileButNotBeyondAFlip() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [0])
        #expect(group.steering.recentFlows()[0]?.live == 0)
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [1])
        #expect(group.steering.recentFlows()[0]?.live == flows.count)
        _ = try group.slots(of: 1000..<1200)
        #expect(try eventually { group.steering.recentFlows()[1]?.live == 200 })
    }

    @Test func countersAddUpAndFlowsAreCountedBySlot() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [0, 1])
        let slots = try group.slots(of: flows)
        _ = try group.slots(of: flows)
        var expected = SteeringCounters()
        expected.datagrams = 400
        expected.newFlows = 200
        expected.pinned = 200
        #expect(group.steering.counters() == expected)
        let counted = group.steering.countFlows()
        for slot in 0..<2 {
            #expect(counted[slot]?.live == slots.values.count { $0 == slot })
            #expect(counted[slot]?.recentUnconfirmed == counted[slot]?.unconfirmed)
        }
        try group.confirm(flows)
        #expect(group.steering.liveFlows == 200)
    }
}
