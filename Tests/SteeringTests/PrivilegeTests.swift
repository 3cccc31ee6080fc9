import Kernel
import Steering
import TestKit
import Testing

/// Each test runs on a thread of its own, which gives its capabilities away.
@Suite(.leavesNoDescriptors)
struct PrivilegeTests {
    @Test(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"))
    func capBPFAloneIsEnoughForFlows() throws {
        try Capabilities.keepInThread([.bpf])
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let before = try group.slots(of: 0..<100)
        #expect(before.count == 100)
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(try group.slots(of: 0..<100) == before)
    }

    @Test func withoutCapBPFFlowSteeringSaysWhatIsMissingAndWhatToDo() throws {
        try Capabilities.keepInThread([])
        let error = #expect(throws: SteeringError.self) {
            try Steering(SteeringSetup(mode: .flow, transport: .udp))
        }
        let text = error?.description ?? ""
        #expect(text.contains("CAP_BPF"))
        #expect(text.contains("--steering stateless"))
        #expect(!text.contains("\n"))
    }

    @Test func withoutCapBPFStatelessSteeringIsClassic() throws {
        try Capabilities.keepInThread([])
        let setup = SteeringSetup(mode: .stateless, transport: .udp)
        let group = try SteeredGroup(setup, slots: 4)
        #expect(group.steering.kindDescription == "classic BPF (eBPF needs CAP_BPF)")
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(Set(try group.slots(of: 0..<200).values) == [2, 3])
        try group.steering.steerNewFlows(to: [0, 1])
        #expect(Set(try group.slots(of: 0..<200).values) == [0, 1])
    }
}
