import HandoverCore
import Testing

/// A flip is done when the kernel has accepted it.
@Suite struct SteeringAnswerTests {
    private static let second = GenerationID(2)

    /// A world in which an upgrade has just asked for its flip, and what the kernel answers is open.
    private static func flipping(policy: Policy = Policy()) -> (World, RequestID) {
        var world = World.serving(Launch(command: ["server", "1"], workers: 1), policy: policy)
        world.answersSteering = false
        world.log = []
        let request = world.request()
        world.happen(.upgrade(request, Launch(command: ["server", "2"], workers: 1)))
        world.happen(.bankPrepared(second))
        world.happen(.workerStarted(worker(2, 0)))
        world.happen(.workerReady(worker(2, 0)))
        return (world, request)
    }

    private static var hasty: Policy {
        var policy = Policy()
        policy.drainTimeout = .zero
        return policy
    }

    @Test func theOldGenerationStaysUntilTheFlipIsAccepted() {
        var (world, _) = Self.flipping(policy: Self.hasty)
        world.happen(.tick)
        #expect(world.phase(1) == .draining)
        world.happen(.steered(Self.second, .microseconds(3)))
        #expect(world.phase(1) == .retiring)
        #expect(world.faults == [])
    }

    @Test func aHeldDrainDoesNotAskToBeWokenForItsDeadline() throws {
        let (world, _) = Self.flipping(policy: Self.hasty)
        let next = try #require(world.machine.nextDeadline)
        #expect(next > world.now || world.effects.contains(.countFlows(GenerationID(1))))
    }

    @Test func aRefusedFlipBringsTheOldGenerationBack() {
        var (world, request) = Self.flipping()
        world.happen(.steeringFailed(Self.second, reason: "no memory"))
        #expect(world.phase(1) == .current)
        #expect(world.phase(2) == .draining)
        #expect(world.machine.steering?.generation == GenerationID(1))
        world.answersSteering = true
        let calm = world.calmDown()
        #expect(calm)
        let report = world.machine.lastHandover
        #expect(report?.request == request)
        guard case .rolledBack(let reason) = report?.outcome else {
            Issue.record("\(report as Any)")
            return
        }
        #expect(reason.contains("no memory"))
        #expect(world.faults == [])
    }

    @Test func whileNothingCanBeSteeredNobodyLeaves() {
        var (world, _) = Self.flipping(policy: Self.hasty)
        world.happen(.steeringFailed(Self.second, reason: "no memory"))
        world.happen(.steeringFailed(GenerationID(1), reason: "no memory"))
        world.waitForNobody(.seconds(100))
        #expect(world.phase(1) == .current)
        #expect(world.phase(2) == .draining)
        world.happen(.steered(GenerationID(1), .microseconds(3)))
        world.answersSteering = true
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.generation(Self.second)?.phase == .stopped)
        #expect(world.faults == [])
    }

    @Test func aLaterRefusalTurnsNoUpgradeAround() {
        var (world, _) = Self.flipping()
        world.happen(.steered(Self.second, .microseconds(3)))
        world.happen(.steeringFailed(Self.second, reason: "no memory"))
        #expect(world.phase(2) == .current)
        #expect(world.phase(1) == .draining)
    }

    @Test func anAnswerAboutAnotherGenerationSaysNothing() {
        var (world, _) = Self.flipping()
        world.happen(.steeringFailed(GenerationID(1), reason: "no memory"))
        #expect(world.machine.steeringAnswer == .awaited)
        #expect(world.phase(2) == .current)
    }

    @Test(arguments: [
        Event.steeringFailed(GenerationID(1), reason: "no memory"),
        .resteeringFailed(GenerationID(1), reason: "no memory"),
    ])
    func whoCannotBeSteeredAwayMakesNoRoom(_ refusal: Event) {
        var world = World.serving(Launch(command: ["server", "1"], workers: 2))
        world.answersSteering = false
        world.log = []
        let request = world.request()
        var policy = Policy()
        policy.overlap = false
        world.happen(.changePolicy(policy))
        world.happen(.upgrade(request, Launch(command: ["server", "2"], workers: 1)))
        #expect(world.phase(1) == .retiring)
        world.happen(refusal)
        #expect(world.phase(1) == .current)
        guard case .failed(let reason) = world.answer(request) else {
            Issue.record("\(world.answer(request) as Any)")
            return
        }
        #expect(reason.contains("no memory"))
    }

    /// With nobody left who reads, the bank would be passed on in the same turn.
    @Test func aBankIsNotPassedOnBeforeItIsKnownWhereNewFlowsGo() {
        var policy = Policy()
        policy.overlap = false
        var world = World.serving(Launch(command: ["server", "1"], workers: 2), policy: policy)
        world.answersSteering = false
        for index in 0..<2 {
            world.happen(.workerExited(worker(1, index), .killed(signal: 9), leavesQueue: false))
        }
        world.happen(.steered(GenerationID(1), .zero))
        let request = world.request()
        world.happen(.upgrade(request, Launch(command: ["server", "2"], workers: 1)))
        #expect(world.phase(1) == .retiring)
        world.happen(.steeringFailed(GenerationID(1), reason: "no memory"))
        #expect(world.phase(1) == .current)
        #expect(world.machine.generation(Self.second) == nil)
    }

    @Test func aSuccessorLetsNobodyLeaveBeforeItKnowsOnceMore() {
        let (world, _) = Self.flipping()
        var machine = world.machine
        _ = machine.handle(.steered(Self.second, .microseconds(3)), at: world.now)
        #expect(machine.steeringAnswer == .accepted)
        #expect(machine.repeatOpenEffects().contains(.steerNewFlows(to: Self.second, workers: [0])))
        #expect(machine.steeringAnswer == .awaited)
        _ = machine.handle(.steeringFailed(Self.second, reason: "no memory"), at: world.now)
        _ = machine.repeatOpenEffects()
        #expect(machine.steeringAnswer == .refused)
    }

    /// The slots that are not passed on would go on getting new flows.
    @Test func whileNothingCanBeSteeredNobodyMakesRoomForFewer() {
        var policy = Policy()
        policy.overlap = false
        var world = World.serving(Launch(command: ["server", "1"], workers: 2), policy: policy)
        world.answersSteering = false
        world.happen(.workerExited(worker(1, 1), .killed(signal: 9), leavesQueue: false))
        world.happen(.steeringFailed(GenerationID(1), reason: "no memory"))
        func upgrade(to workers: Int) -> RequestID {
            let request = world.request()
            world.happen(.upgrade(request, Launch(command: ["server", "2"], workers: workers)))
            return request
        }
        let fewer = upgrade(to: 1)
        #expect(world.phase(1) == .current)
        guard case .failed(let reason) = world.answer(fewer) else {
            Issue.record("\(world.answer(fewer) as Any)")
            return
        }
        #expect(reason.contains("new flows cannot be steered"))
        _ = upgrade(to: 2)
        #expect(world.phase(1) == .retiring)
    }
}
