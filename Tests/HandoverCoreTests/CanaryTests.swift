import HandoverCore
import Testing

@Suite struct CanaryTests {
    private static let second = GenerationID(2)

    private func share(_ world: World) -> Int? {
        world.machine.steering?.canary?.clients.share?.millionths
    }

    @Test func theStepsGrowAndEndWithTheFlip() {
        var world = World.canary(World.canary)
        let asked = RequestID(1)
        #expect(world.phase(1) == .current && world.phase(2) == .canary)
        #expect(share(world) == 50_000)
        #expect(world.answer(asked) == nil)
        world.wait(.seconds(29))
        #expect(share(world) == 50_000)
        world.wait(.seconds(1))
        #expect(share(world) == 250_000)
        #expect(world.phase(2) == .canary)
        world.wait(.seconds(30))
        #expect(world.phase(2) == .current && world.phase(1) != .current)
        #expect(share(world) == nil && world.machine.steering?.generation == Self.second)
        #expect(world.answer(asked) == .current(Self.second))
        #expect(world.faults == [])
    }

    @Test func itsTimeIsInTheReport() {
        var world = World.canary(World.canary)
        world.wait(.seconds(60))
        world.flows = []
        let isCalm = world.calmDown()
        #expect(isCalm)
        #expect(world.machine.lastHandover?.outcome == .completed)
        #expect(world.machine.lastHandover?.phases.canary == .seconds(60))
        #expect(world.machine.lastHandover?.phases.ready == .zero)
    }

    @Test func oneThatIsHeldStaysUntilItIsPromoted() {
        var world = World.canary(World.canary)
        let hold = world.request()
        world.happen(.hold(hold))
        #expect(world.answer(hold) == .done)
        world.wait(.seconds(600))
        #expect(share(world) == 50_000)
        let promote = world.request()
        let first = MeantStep(generation: GenerationID(2), step: 1)
        world.happen(.promote(promote, full: false, meant: first))
        #expect(world.answer(promote) == .done && share(world) == 250_000)
        // What comes next was not meant, nor is it promoted as all at once.
        for meant in [first, MeantStep(step: 0), MeantStep(generation: GenerationID(3))] {
            for full in [false, true] {
                let again = world.request()
                world.happen(.promote(again, full: full, meant: meant))
                #expect(
                    world.answer(again)
                        == .refused(
                            "generation 2 is in step 2 by now, which is not what was to be promoted"
                        ))
            }
        }
        #expect(share(world) == 250_000)
        // From there on it goes on by itself again.
        world.wait(.seconds(30))
        #expect(world.phase(2) == .current)
    }

    private static func check(_ step: Int) -> Effect {
        .runCheck(second, step: step, command: ["check"])
    }

    @Test func theNextStepComesWhenTheCheckHasPassed() {
        var world = World.canary(World.checked)
        world.waitForNobody(.seconds(10))
        #expect(world.effects == [Self.check(0)])
        world.waitForNobody(.seconds(600))
        #expect(share(world) == 20_000)
        world.happen(.checked(Self.second, step: 0, failure: nil))
        #expect(share(world) == 300_000)
        world.waitForNobody(.seconds(10))
        #expect(world.effects == [Self.check(1)])
        world.happen(.checked(Self.second, step: 1, failure: nil))
        #expect(world.phase(2) == .current)
        #expect(world.answer(RequestID(1)) == .current(Self.second))
        #expect(world.faults == [])
    }

    @Test func aCheckThatFailsAbortsIt() {
        var world = World.canary(World.checked)
        world.waitForNobody(.seconds(10))
        world.happen(.checked(Self.second, step: 0, failure: "ended with code 1: too slow"))
        let reason = "its check failed: ended with code 1: too slow"
        #expect(world.answer(RequestID(1)) == .failed(reason))
        #expect(world.phase(1) == .current && world.phase(2) != .canary && share(world) == nil)
        world.flows = []
        let isCalm = world.calmDown()
        #expect(isCalm)
        #expect(world.machine.lastHandover?.outcome == .aborted(reason: reason))
    }

    @Test func anAnswerThatNobodyWaitsForSaysNothing() {
        var world = World.canary(World.checked)
        world.happen(.checked(Self.second, step: 0, failure: "early"))
        #expect(share(world) == 20_000)
        world.waitForNobody(.seconds(10))
        world.happen(.promote(world.request(), full: false))
        #expect(share(world) == 300_000)
        for failure in [nil, "late"] {
            world.happen(.checked(Self.second, step: 0, failure: failure))
            #expect(share(world) == 300_000)
        }
        world.waitForNobody(.seconds(10))
        world.happen(.hold(world.request()))
        for failure in [nil, "late"] {
            world.happen(.checked(Self.second, step: 1, failure: failure))
            #expect(share(world) == 300_000)
        }
        world.waitForNobody(.seconds(600))
        #expect(share(world) == 300_000 && world.phase(2) == .canary)
    }

    @Test func theNextStepWaitsForAWorkerThatDiedDuringTheCheck() {
        let plan = CanaryPlan(
            steps: World.checked?.steps ?? [], stepTime: .seconds(10), restarts: 1, check: ["check"]
        )
        var world = World.canary(plan)
        world.waitForNobody(.seconds(10))
        world.die(2, 0)
        world.happen(.checked(Self.second, step: 0, failure: nil))
        #expect(world.phase(2) == .canary && share(world) == nil)
        world.wait(.milliseconds(100))
        world.answerAll()
        world.wait(.seconds(2))
        #expect(share(world) == 300_000)
    }

    @Test func moreDropsThanItMayCauseAbortIt() {
        var world = World.canary(World.counted)
        world.happen(.dropsSeen(Self.second, total: 1_000))
        world.happen(.dropsSeen(Self.second, total: 1_005))
        #expect(share(world) == 50_000)
        world.happen(.dropsSeen(Self.second, total: 1_006))
        let reason = "6 datagrams were dropped since it got new flows, more than 5"
        #expect(world.answer(RequestID(1)) == .failed(reason))
        #expect(world.phase(1) == .current && share(world) == nil)
        #expect(world.faults == [])
    }

    /// Another supervisor has not counted what sockets dropped that are closed by now.
    @Test func whatWasDroppedBeforeIsNotForgottenWhereTheCountBeginsAnew() {
        var world = World.canary(World.counted)
        for total in [1_000, 1_004, 3, 4] {
            world.happen(.dropsSeen(Self.second, total: total))
        }
        #expect(share(world) == 50_000)
        world.happen(.dropsSeen(Self.second, total: 5))
        #expect(share(world) == nil)
    }

    @Test func dropsAreCountedOnceMoreBeforeTheFlip() {
        var world = World.canary(World.counted)
        world.happen(.dropsSeen(Self.second, total: 0))
        world.waitForNobody(.seconds(10))
        #expect(world.effects.contains(.countDrops(Self.second)))
        #expect(world.phase(2) == .canary)
        var next = world.machine
        #expect(next.repeatOpenEffects().contains(.countDrops(Self.second)))
        world.happen(.dropsSeen(Self.second, total: 5))
        #expect(world.phase(2) == .current)
        #expect(world.faults == [])
    }

    @Test func theNextSupervisorRunsTheCheckAgain() {
        var world = World.canary(World.checked)
        world.waitForNobody(.seconds(10))
        let open = world.machine.repeatOpenEffects()
        #expect(open.contains(Self.check(0)))
        world.happen(.checked(Self.second, step: 0, failure: nil))
        #expect(!world.machine.repeatOpenEffects().contains(Self.check(0)))
    }

    @Test func allAtOnceIsTheFlip() {
        var world = World.canary(World.byHand)
        let request = world.request()
        world.happen(.promote(request, full: true))
        #expect(world.answer(request) == .current(Self.second))
        #expect(world.phase(2) == .current && world.phase(1) == .draining)
    }

    @Test(arguments: [true, false])
    func anAbortGivesTheShareBackAndKeepsItsFlows(byRollback: Bool) {
        var world = World.canary(World.canary)
        #expect(world.flows.last?.generation == Self.second)
        let request = world.request()
        world.happen(byRollback ? .rollback(request) : .abort(request))
        #expect(world.answer(request) == .current(GenerationID(1)))
        guard case .failed = world.answer(RequestID(1)) else {
            Issue.record("the upgrade is told \(String(describing: world.answer(RequestID(1))))")
            return
        }
        #expect(share(world) == nil && world.phase(1) == .current && world.phase(2) == .draining)
        world.wait(.seconds(10))
        #expect(world.phase(2) == .draining)
        world.flows = []
        let isCalm = world.calmDown()
        #expect(isCalm)
        guard case .aborted = world.machine.lastHandover?.outcome else {
            Issue.record("\(String(describing: world.machine.lastHandover?.outcome))")
            return
        }
        #expect(world.faults == [])
    }

    @Test func aRollbackAfterAnAbortDoesNotBringTheCanary() {
        var world = World.canary(World.canary)
        world.happen(.abort(world.request()))
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.answer(request) == .nothingToRollBackTo)
        #expect(world.phase(1) == .current && world.phase(2) == .draining)
    }

    @Test func aWorkerMayDieAsOftenAsWasSaid() {
        var world = World.canary(World.canary)
        world.die(2, 0)
        // The share goes where all others go until the worker is back.
        #expect(share(world) == nil && world.phase(2) == .canary)
        world.wait(.seconds(1))
        #expect(share(world) == 50_000)
        world.die(2, 0)
        #expect(world.phase(2) == .draining)
        #expect(world.answer(RequestID(1)) == .failed("worker 0 killed by signal 9"))
    }

    @Test func aWorkerThatSaysThatItFailedEndsIt() {
        var world = World.canary(World.byHand)
        world.happen(.workerFailed(worker(2, 0), "no database"))
        #expect(world.phase(1) == .current)
        #expect(world.answer(RequestID(1)) == .failed("worker 0 failed: no database"))
        let isCalm = world.calmDown()
        #expect(isCalm)
        #expect(world.faults == [])
    }

    @Test func aKernelThatRefusesEndsIt() {
        var world = World.canary(World.canary)
        world.happen(.steeringFailed(GenerationID(1), reason: "no memory"))
        #expect(world.phase(2) == .draining && share(world) == nil)
    }

    @Test func nothingElseBeginsMeanwhile() {
        var world = World.canary(World.canary)
        for request in [
            Event.upgrade(world.request(), nil), .restart(world.request()),
        ] {
            world.happen(request)
        }
        guard case .refused = world.answer(RequestID(2)), case .refused = world.answer(RequestID(3))
        else {
            Issue.record("\(world.log)")
            return
        }
        #expect(world.phase(2) == .canary)
    }

    @Test func thereIsNoneWithoutOverlapOrWithoutWorkers() {
        var world = World.serving(policy: ExhaustiveTests.alone)
        let request = world.request()
        world.happen(.upgrade(request, nil, canary: World.canary))
        guard case .refused(let reason) = world.answer(request) else {
            Issue.record("\(world.log)")
            return
        }
        #expect(reason.contains("may not overlap"))
        for event in [Event.hold(world.request()), .promote(world.request(), full: true)] {
            world.happen(event)
        }
        guard case .refused = world.answer(RequestID(2)), case .refused = world.answer(RequestID(3))
        else {
            Issue.record("\(world.log)")
            return
        }
    }

    @Test func aPlanHasStepsThatGrow() {
        let five = Share(millionths: 50_000)
        let ten = Share(millionths: 100_000)
        #expect(Share(millionths: 0) == nil && Share(millionths: 1_000_000) == nil)
        guard let five, let ten else { return }
        #expect(CanaryPlan(steps: [five, ten], stepTime: nil) != nil)
        #expect(CanaryPlan(steps: [ten, five], stepTime: nil) == nil)
        #expect(CanaryPlan(steps: [five, five], stepTime: nil) == nil)
        #expect(CanaryPlan(steps: [], stepTime: nil) == nil)
        #expect(CanaryPlan(steps: [], networks: ["::/0"], stepTime: nil)?.count == 1)
        let many = Array(repeating: "::/0", count: 65)
        #expect(CanaryPlan(steps: [five], networks: many, stepTime: nil) == nil)
        #expect(CanaryPlan(steps: [five], stepTime: .zero) == nil)
        #expect(CanaryPlan(steps: [five], stepTime: nil, check: []) == nil)
        #expect("\(five)" == "5%")
        #expect(Share(millionths: 2_500).map { "\($0)" } == "0.25%")
        #expect(Share(millionths: 999_999).map { "\($0)" } == "99.9999%")
    }
}
