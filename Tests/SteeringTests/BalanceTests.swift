import Kernel
import Packs
import Steering
import TestKit
import Testing

/// New flows go to the less busy one of two slots.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct BalanceTests {
    static let setups: [SteeringSetup] = [
        SteeringSetup(mode: .flow, transport: .udp, maxFlows: 10_000, balance: .load),
        SteeringSetup(mode: .quic, transport: .udp, maxFlows: 10_000, balance: .load),
        SteeringSetup(
            mode: .pack, transport: .udp, maxFlows: 10_000,
            pack: BuiltInPack.named("dtls-cid")?.pack.with(idLength: 8), balance: .load),
        SteeringSetup(
            mode: .pack, transport: .udp, maxFlows: 10_000,
            pack: BuiltInPack.named("wireguard")?.pack, balance: .load),
    ]

    /// Four slots with a few flows each, one of which is busy.
    private func busyGroup(_ setup: SteeringSetup) throws -> (SteeredGroup, busy: Int) {
        let group = try SteeredGroup(setup, slots: 4)
        try group.steering.steerNewFlows(to: [0, 1, 2, 3])
        try group.confirm(0..<200)
        group.steering.tend()
        let slots = try group.slots(of: 0..<200)
        for _ in 0..<5 { try group.flood([Int](repeating: 0, count: 1000)) }
        group.steering.tend()
        return (group, try #require(slots[0]))
    }

    /// The share of a slot among new flows.
    private func newFlows(_ group: SteeredGroup, _ flows: Range<Int>, at slot: Int) throws -> Int {
        let slots = try group.slots(of: flows)
        try #require(slots.count == flows.count)
        return slots.values.count { $0 == slot }
    }

    @Test(arguments: setups)
    func aBusySlotGetsNewFlowsOnlyWhereBothHashesSayIt(_ setup: SteeringSetup) throws {
        let (group, busy) = try busyGroup(setup)
        #expect(group.steering.kindDescription.hasSuffix("new flows by load"))
        // One in sixteen.
        #expect(try newFlows(group, 1000..<1400, at: busy) < 50)
        #expect(group.steering.counters().fallback == 0)
    }

    @Test(arguments: setups)
    func whatASlotSentInTheSecondBeforeIsForgotten(_ setup: SteeringSetup) throws {
        let (group, busy) = try busyGroup(setup)
        _ = try group.slots(of: 0..<200)
        group.steering.tend()
        #expect(70...130 ~= (try newFlows(group, 1000..<1400, at: busy)))
    }

    @Test(arguments: setups)
    func aFlowStaysWhereItIs(_ setup: SteeringSetup) throws {
        let (group, _) = try busyGroup(setup)
        let before = try group.slots(of: 0..<200)
        _ = try group.slots(of: 1000..<1400)
        #expect(try group.slots(of: 0..<200) == before)
    }

    @Test(arguments: setups)
    func theNextSupervisorGoesOn(_ setup: SteeringSetup) throws {
        let (group, busy) = try busyGroup(setup)
        try group.takeOver()
        #expect(try newFlows(group, 1000..<1200, at: busy) < 30)
        // It knows nothing of the time before its first look, and says nothing of it.
        group.steering.tend()
        #expect(try newFlows(group, 2000..<2200, at: busy) < 30)
        // Meanwhile the others had most of the datagrams, many more than new flows could make up for.
        let slots = try group.slots(of: 0..<200)
        for slot in 0..<4 where slot != busy {
            let flow = try #require(slots.first { $0.value == slot }).key
            for _ in 0..<5 { try group.flood([Int](repeating: flow, count: 1000)) }
        }
        group.steering.tend()
        #expect(60...120 ~= (try newFlows(group, 3000..<3200, at: busy)))
    }

    @Test(arguments: setups)
    func capBPFAloneIsEnough(_ setup: SteeringSetup) throws {
        try Capabilities.keepInThread([.bpf])
        let (group, busy) = try busyGroup(setup)
        #expect(try newFlows(group, 1000..<1400, at: busy) < 50)
    }

    @Test func aSlotWithoutASocketIsPassedOver() throws {
        let (group, busy) = try busyGroup(Self.setups[0])
        let gone = (busy + 1) % 4
        group.close(gone)
        let slots = try group.slots(of: 1000..<1400)
        #expect(slots.count == 400)
        #expect(!slots.values.contains(gone))
    }

    @Test func withoutMemoryThereIsNothingToPlace() throws {
        let setup = SteeringSetup(mode: .stateless, transport: .udp, balance: .load)
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0, 1])
        #expect(!group.steering.kindDescription.contains("by load"))
        #expect(Set(try group.slots(of: 0..<200).values) == [0, 1])
    }
}
