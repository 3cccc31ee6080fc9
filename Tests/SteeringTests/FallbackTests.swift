import Kernel
import Steering
import TestKit
import Testing

@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct FallbackTests {
    @Test func aSlotWithoutSocketIsPassedOverForItsNeighbours() throws {
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        group.close(1)
        let slots = try group.slots(of: 0..<200)
        #expect(Set(slots.values) == [0])
        #expect(group.steering.counters().fallback > 0)
    }

    @Test func aBankWithoutAnySocketIsCountedDatagramByDatagram() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [1])
        group.close(1)
        let before = group.steering.counters().fallback
        #expect(Set(try group.slots(of: 0..<100).values) == [0])
        let counters = group.steering.counters()
        #expect(counters.fallback >= before + 100)
        #expect(counters.datagrams == 100 && counters.newFlows == 0)
    }

    @Test func flowsOfAClosedSocketGoToTheCurrentBankAndStayThere() throws {
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [3])
        _ = try group.slots(of: 0..<200)
        try group.steering.steerNewFlows(to: [1])
        group.close(3)
        #expect(Set(try group.slots(of: 0..<200).values) == [1])
        #expect(group.steering.counters().fallback == 200)
        try group.steering.steerNewFlows(to: [2])
        #expect(Set(try group.slots(of: 0..<200).values) == [1])
        #expect(group.steering.counters().fallback == 200)
    }

    @Test func statelessSteeringForgetsOnTheFlip() throws {
        let setup = SteeringSetup(mode: .stateless, transport: .udp)
        let group = try SteeredGroup(setup, slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let first = try group.slots(of: 0..<200)
        #expect(Set(first.values) == [0, 1])
        #expect(try group.slots(of: 0..<200) == first)
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(Set(try group.slots(of: 0..<200).values) == [2, 3])
        #expect(group.steering.counters().datagrams == 600)
    }

    @Test func flowSteeringOfTCPIsRefusedWithWhatToDo() {
        #expect(throws: SteeringError.self) {
            try Steering(SteeringSetup(mode: .flow, transport: .tcp))
        }
    }
}
