import Kernel
import Steering
import TestKit
import Testing

@Suite(.leavesNoDescriptors)
struct ClassicResumeTests {
    private let setup = SteeringSetup(mode: .stateless, transport: .udp, machine: .classic)

    @Test func theClassicMachineNeedsItsMemoAndItsSocketsOnly() throws {
        let group = try SteeredGroup(setup, slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let before = try group.slots(of: 0..<200)
        let kind = group.steering.kindDescription
        let legacy = try Legacy(of: group.steering)
        #expect(legacy.kept.isEmpty)
        try group.takeOver()
        #expect(group.steering.kindDescription == kind)
        #expect(group.steering.keepsBindOrder)
        #expect(try group.slots(of: 0..<200) == before)
        // The same sources share the slots in the same way.
        try group.steering.steerNewFlows(to: [0, 1])
        #expect(try group.slots(of: 0..<200) == before)
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(Set(try group.slots(of: 0..<200).values) == [2, 3])
        try group.grow()
        try group.steering.release(allBut: [0, 1, 4])
        try group.steering.steerNewFlows(to: [4])
        #expect(Set(try group.slots(of: 0..<200).values) == [4])
    }
}
