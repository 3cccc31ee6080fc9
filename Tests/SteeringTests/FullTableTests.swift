import Kernel
import Steering
import TestKit
import Testing

@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors, .serialized)
struct FullTableTests {
    /// The smallest table: 4096 buckets of eight entries.
    private let room = 32_768

    private var setup: SteeringSetup {
        SteeringSetup(mode: .flow, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(300))
    }

    @Test func aFloodPushesNoConfirmedFlowOut() throws {
        let group = try SteeredGroup(setup, slots: 2)
        let real = 0..<2000
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(real)
        try group.flood(10_000..<(10_000 + 3 * room))
        #expect(group.steering.counters().evicted > 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(Set(try group.slots(of: real).values) == [0])
    }

    @Test func anAnsweredFloodPushesNoConfirmedFlowOut() throws {
        let group = try SteeredGroup(setup, slots: 2)
        let real = 0..<2000
        try group.steering.steerNewFlows(to: [0])
        try group.confirm(real)
        // A source that is answered may send once more: its flow may be confirmed like any other.
        for start in stride(from: 10_000, to: 10_000 + 2 * room, by: 1000) {
            try group.flood(start..<(start + 1000))
            try group.flood(start..<(start + 1000))
        }
        try group.steering.steerNewFlows(to: [1])
        #expect(Set(try group.slots(of: real).values) == [0])
    }

    @Test func aFlowWithoutRoomIsServedByTheCurrentBankAndCounted() throws {
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        var sent = 0
        let full = try eventually {
            try confirmByFlood(sent..<(sent + 1000), of: group)
            sent += 1000
            return group.steering.counters().unrecorded > 0
        }
        #expect(full)
        #expect(sent > room / 4)
        try group.steering.steerNewFlows(to: [1])
        let slots = try group.slots(of: (sent - 1000)..<sent)
        #expect(Set(slots.values) == [0, 1])
        #expect(Set(try group.slots(of: 0..<1000).values) == [0])
    }

    /// Sends these flows, and again when enough time for a confirmation has passed: two ticks of 17 ms.
    private func confirmByFlood(_ flows: Range<Int>, of group: SteeredGroup) throws {
        try group.flood(flows)
        let pause = try TimerDescriptor()
        try pause.set(to: MonotonicClock.now() + .milliseconds(60))
        _ = try pause.wait(for: .readable, within: .seconds(5))
        try group.flood(flows)
    }

    @Test func evictedFlowsAreTheOldestUnconfirmedOnes() throws {
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.flood(0..<(2 * room))
        let counters = group.steering.counters()
        #expect(counters.evicted + UInt64(group.steering.liveFlows) == counters.newFlows)
        #expect(counters.newFlows + counters.unrecorded == UInt64(2 * room))
    }
}
