import HandoverCore
import Testing

/// Drains that end with some sessions left.
@Suite struct DrainKeepTests {
    private static let id = GenerationID(1)

    private static func draining(keep: Int = 0) -> World {
        var policy = Policy()
        policy.drainKeep = keep
        return World.draining(policy: policy)
    }

    private static func count(
        _ world: inout World, _ flows: FlowCount, _ outside: OutsideCount = OutsideCount()
    ) {
        world.happen(.flowsCounted(id, flows))
        world.happen(.outsideCounted(id, outside))
    }

    @Test func aDrainEndsWithAsManySessionsLeftAsThePolicySays() {
        var world = Self.draining(keep: 3)
        Self.count(&world, FlowCount(confirmed: 4))
        #expect(world.phase(1) == .draining)
        Self.count(&world, FlowCount(confirmed: 3))
        #expect(world.phase(1) == .retiring)
        #expect(world.steps(1).contains(.retiring(.few)))
    }

    @Test func flowsAndSessionsBesidesThemCountTogether() {
        var world = Self.draining(keep: 3)
        Self.count(&world, FlowCount(confirmed: 2), OutsideCount(connections: 1, ports: 1))
        #expect(world.phase(1) == .draining)
        Self.count(&world, FlowCount(confirmed: 1), OutsideCount(connections: 1, ports: 1))
        #expect(world.phase(1) == .retiring)
    }

    @Test func whatAWorkerSaysOfItsSessionsIsNoSecondCountOfThem() {
        var world = Self.draining(keep: 3)
        world.happen(.workerSessions(worker(1, 0), 4))
        Self.count(&world, FlowCount(confirmed: 3))
        #expect(world.phase(1) == .draining)
        world.happen(.workerSessions(worker(1, 0), 3))
        #expect(world.phase(1) == .retiring)
    }

    @Test func aFlowOfOneDatagramCountsAsOneAsLongAsItHoldsADrainUp() {
        var world = Self.draining(keep: 3)
        let begin = world.now
        let count = FlowCount(confirmed: 3, unconfirmed: 1, recentUnconfirmed: 1)
        Self.count(&world, count)
        while world.phase(1) == .draining {
            world.take(.wait)
            if world.phase(1) == .draining { Self.count(&world, count) }
        }
        #expect(world.now == begin + Policy().unconfirmedHold)
    }

    @Test func kindsThatADrainDoesNotWaitForDoNotCount() {
        var policy = Policy()
        policy.drainKeep = 1
        policy.drainWaitsFor = [.flows]
        var world = World.draining(policy: policy)
        Self.count(&world, FlowCount(confirmed: 1), OutsideCount(connections: 9, ports: 9))
        #expect(world.phase(1) == .retiring)
    }

    @Test func whatIsLeftIsReportedAsCut() {
        var world = Self.draining(keep: 1)
        Self.count(&world, FlowCount(confirmed: 1))
        // Counted once more before it moves on.
        let asked = world.effects.firstIndex(of: .countFlows(Self.id))
        let moved = world.effects.firstIndex(of: .resteer(Self.id))
        #expect(asked ?? .max < moved ?? 0)
        world.happen(.flowsCounted(Self.id, FlowCount(confirmed: 1)))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutFlows == 1)
        #expect(world.faults == [])
    }

    @Test func anOperatorSaysItForDrainsThatAreUnderWay() {
        var world = Self.draining()
        Self.count(&world, FlowCount(confirmed: 2))
        let deadline = world.machine.generation(Self.id)?.drainDeadline
        let few = world.request()
        world.happen(.changeDrain(few, Self.id, within: nil, keep: 1))
        #expect(world.answer(few) == .done)
        #expect(world.phase(1) == .draining)
        #expect(world.machine.generation(Self.id)?.drainDeadline == deadline)
        let enough = world.request()
        world.happen(.changeDrain(enough, nil, within: nil, keep: 2))
        #expect(world.answer(enough) == .done)
        #expect(world.phase(1) == .retiring)
    }

    @Test func whatAnOperatorSaysWinsOverThePolicy() {
        var world = Self.draining(keep: 5)
        let none = world.request()
        world.happen(.changeDrain(none, Self.id, within: nil, keep: 0))
        Self.count(&world, FlowCount(confirmed: 5))
        #expect(world.phase(1) == .draining)
    }
}
