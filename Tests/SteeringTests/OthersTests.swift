import Kernel
import Steering
import TestKit
import Testing

/// Datagrams that go elsewhere than where the newest flows go are counted beside.
@Suite(.leavesNoDescriptors)
struct OthersTests {
    static let setups = CanaryTests.setups.dropLast().filter { $0.mode != .stateless }

    @Test(arguments: setups)
    func theyAreTheOldOnesUntilTheyAreGone(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        _ = try group.slots(of: 0..<300)
        #expect(group.steering.otherDatagrams == 0)
        try group.steering.steerNewFlows(to: [2, 3])
        _ = try group.slots(of: 0..<500)
        #expect(group.steering.otherDatagrams == 300)
        _ = try group.slots(of: 300..<500)
        #expect(group.steering.otherDatagrams == 300)
        // The count goes on where it was.
        try group.takeOver()
        _ = try group.slots(of: 0..<100)
        #expect(group.steering.otherDatagrams == 400)
        try group.steering.resteer(slots: [0, 1])
        _ = try group.slots(of: 0..<500)
        #expect(group.steering.otherDatagrams == 400)
    }

    @Test(arguments: setups)
    func ofACanaryTheyAreTheCurrentOnes(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let canary = SteeringCanary(slots: [2, 3], millionths: 500_000, key: 7)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary)
        let slots = try group.slots(of: 0..<1000)
        let current = UInt64(slots.values.count { $0 < 2 })
        #expect(group.steering.otherDatagrams == current)
        // Given back: now what it has is elsewhere.
        try group.steering.steerNewFlows(to: [0, 1])
        _ = try group.slots(of: 0..<1000)
        #expect(group.steering.otherDatagrams == 1000)
    }

    @Test func theLastSlotCounts() throws {
        let group = try SteeredGroup(slots: 512)
        try group.steering.steerNewFlows(to: [511, 63, 64])
        _ = try group.slots(of: 0..<100)
        try group.steering.steerNewFlows(to: [0])
        _ = try group.slots(of: 0..<200)
        #expect(group.steering.otherDatagrams == 100)
    }

    @Test func classicBPFDoesNotCount() throws {
        let group = try SteeredGroup(try #require(CanaryTests.setups.last), slots: 2)
        try group.steering.steerNewFlows(to: [0])
        #expect(group.steering.otherDatagrams == nil)
    }
}
