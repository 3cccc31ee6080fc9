import HandoverCore
import Testing

/// Sessions that do not pass a generation's slots.
@Suite struct OutsideTests {
    private static let id = GenerationID(1)
    private static let each = OutsideCount(connections: 3, connected: 2, ports: 1)

    /// A generation that drains and has no flow.
    private static func draining(_ policy: Policy = Policy()) -> World {
        var world = World.draining(policy: policy)
        world.flows = []
        return world
    }

    @Test func aDrainDoesNotEndBeforeTheyAreCounted() {
        var world = Self.draining()
        world.happen(.flowsCounted(Self.id, FlowCount(confirmed: 0)))
        #expect(world.phase(1) == .draining)
        world.happen(.outsideCounted(Self.id, OutsideCount()))
        #expect(world.phase(1) == .retiring)
        #expect(world.steps(1).contains(.retiring(.idle)))
    }

    @Test(arguments: [
        OutsideCount(connections: 1), OutsideCount(connected: 1), OutsideCount(ports: 1),
    ])
    func eachKindHoldsADrainUntilTheLastOneEnds(count: OutsideCount) {
        var world = Self.draining()
        world.outside[Self.id] = count
        world.wait(.seconds(600))
        #expect(world.phase(1) == .draining)
        #expect(world.machine.generation(Self.id)?.outside == count)
        world.outside[Self.id] = OutsideCount()
        world.wait(.seconds(1))
        #expect(world.phase(1) != .draining)
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutOutside == OutsideCount())
        #expect(world.faults == [])
    }

    @Test func theyAreToldWithTheFlowsThatAreLeft() {
        var world = Self.draining()
        world.outside[Self.id] = Self.each
        world.answerAll()
        #expect(
            world.steps(1).last
                == .draining(
                    flows: FlowCount(confirmed: 0), outside: Self.each,
                    deadline: world.machine.generation(Self.id)?.drainDeadline))
    }

    @Test func whatTheDeadlineCutsIsCountedByKind() {
        var policy = Policy()
        policy.drainTimeout = .seconds(3)
        var world = Self.draining(policy)
        world.outside[Self.id] = OutsideCount(connections: 9)
        world.wait(.seconds(2))
        world.outside[Self.id] = Self.each
        world.wait(.seconds(1))
        #expect(world.phase(1) != .draining)
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutOutside == Self.each, "the count of the very end")
        #expect(world.machine.lastHandover?.cutFlows == 0)
        #expect(world.faults == [])
    }

    @Test func aDrainThatIsCutBeforeTheFirstCountIsCountedStill() {
        var policy = Policy()
        policy.drainTimeout = .zero
        var world = World.serving(policy: policy)
        world.outside[Self.id] = Self.each
        world.upgrade()
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutOutside == Self.each)
    }

    @Test func whatIsNotWaitedForEndsWithTheDrainAndCountsAsCut() {
        var policy = Policy()
        policy.drainWaitsFor = [.flows, .connections, .reported]
        var world = Self.draining(policy)
        world.outside[Self.id] = OutsideCount(connections: 1, connected: 2, ports: 1)
        world.wait(.seconds(60))
        #expect(world.phase(1) == .draining)
        world.outside[Self.id]?.connections = 0
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.steps(1).contains(.retiring(.idle)))
        #expect(world.machine.lastHandover?.cutOutside == OutsideCount(connected: 2, ports: 1))
        #expect(world.faults == [])
    }

    @Test func flowsThatAreNotWaitedForCountAsCut() {
        var policy = Policy()
        policy.drainWaitsFor = [.connections]
        var world = World.draining(policy: policy)
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutFlows == 1)
        #expect(world.faults == [])
    }

    @Test func toldSessionsThatAreNotWaitedForHoldNothingUp() {
        var policy = Policy()
        policy.drainWaitsFor.remove(.reported)
        var world = Self.draining(policy)
        world.happen(.workerSessions(worker(1, 0), 4))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutFlows == 4)
        #expect(world.faults == [])
    }

    @Test func workersThatSayTheyAreDrainedAreBelieved() {
        var world = Self.draining()
        world.outside[Self.id] = Self.each
        world.answerAll()
        for index in 0..<2 { world.happen(.workerDrained(worker(1, index))) }
        #expect(world.steps(1).contains(.retiring(.drained)))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutOutside == OutsideCount())
    }

    @Test func theServicesStopWaitsForThemAsWell() {
        var world = World.serving()
        world.outside[Self.id] = Self.each
        world.happen(.stop(world.request(), drain: true))
        world.wait(.seconds(600))
        #expect(world.phase(1) == .draining)
        world.outside = [:]
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.end == .stopped)
        #expect(world.faults == [])
    }

    @Test func aStopAtOnceCountsWhatItCutsOfADrain() {
        var world = Self.draining()
        world.outside[Self.id] = Self.each
        world.answerAll()
        world.happen(.stop(world.request(), drain: false))
        world.answerAll()
        #expect(world.reports.map(\.cutOutside) == [Self.each])
    }
}
