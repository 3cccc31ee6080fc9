import Kernel
import Steering
import TestKit
import Testing

@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors, .serialized)
struct GrowthTests {
    private var setup: SteeringSetup {
        SteeringSetup(mode: .flow, transport: .udp, maxFlows: 100_000, idleTimeout: .seconds(300))
    }

    @Test func noFlowIsLostWhenTheTableGrowsByItself() throws {
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        // More than the dense region holds, and nobody sweeps.
        try group.flood(0..<60_000)
        #expect(group.steering.liveFlows == 60_000)
        try group.steering.steerNewFlows(to: [1])
        try checkAll(0..<60_000, of: group, at: 0)
    }

    @Test func noFlowIsLostWhileSweepsMoveIt() throws {
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.flood(0..<20_000)
        try group.steering.steerNewFlows(to: [1])
        // Twelve sweeps move everything and end the move, with traffic in between.
        for _ in 0..<12 {
            group.steering.sweep()
            #expect(group.steering.liveFlows == 20_000)
            try checkAll(0..<20_000, of: group, at: 0)
        }
        #expect(group.steering.counters().newFlows == 20_000)
    }

    @Test func noFlowIsLostWhenTheTableShrinks() throws {
        let short = SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 100_000, idleTimeout: .seconds(5))
        let group = try SteeredGroup(short, slots: 2)
        // The last ones: a slow flood must not outlast the timeout of what goes on.
        let lasting = 39_000..<40_000
        try group.steering.steerNewFlows(to: [0])
        try group.flood(0..<40_000)
        try group.steering.steerNewFlows(to: [1])
        let shrunk = try eventually {
            try checkAll(lasting, of: group, at: 0)
            group.steering.sweep()
            return group.steering.isSettled && group.steering.tableBytesInUse == 4096 * 64
        }
        #expect(shrunk)
        #expect(group.steering.liveFlows == lasting.count)
        try checkAll(lasting, of: group, at: 0)
    }

    private func checkAll(_ flows: Range<Int>, of group: SteeredGroup, at slot: Int) throws {
        for start in stride(from: flows.lowerBound, to: flows.upperBound, by: 2000) {
            let part = start..<min(start + 2000, flows.upperBound)
            let slots = try group.slots(of: part)
            #expect(slots.values.count { $0 == slot } == part.count)
        }
    }
}
