import HandoverCore
import Testing

@Suite struct WatchTests {
    private static let second = GenerationID(2)
    private static let asked = RequestID(1)

    @Test func theOldOneIsToldToDrainWhenTheWatchIsOver() {
        var world = World.watched(World.watch)
        world.happen(.dropsSeen(Self.second, total: 7))
        #expect(world.phase(2) == .current && world.phase(1) == .draining)
        #expect(world.answer(Self.asked) == nil)
        world.flows = []
        for step in 0...1 {
            world.waitForNobody(.seconds(5))
            world.happen(.checked(Self.second, step: step, failure: nil))
        }
        #expect(world.phase(1) == .draining && world.answer(Self.asked) == nil)
        world.happen(.dropsSeen(Self.second, total: 12))
        #expect(world.answer(Self.asked) == .current(Self.second))
        #expect(world.log.contains(.tellDraining(GenerationID(1))))
        let isCalm = world.calmDown()
        #expect(isCalm && world.phase(2) == .current)
        #expect(world.machine.lastHandover?.outcome == .completed)
        #expect(world.machine.lastHandover?.watchEnd == .passed)
        #expect(world.faults == [])
    }

    @Test func noDeadlineEndsADrainBeforeTheWatch() {
        var world = World.watched(World.strict)
        world.happen(.changeDrain(world.request(), nil, within: .zero))
        world.flows = []
        world.wait(.seconds(59))
        #expect(world.phase(1) == .draining)
        world.wait(.seconds(1))
        #expect(world.phase(1) != .draining && world.phase(2) == .current)
        #expect(world.faults == [])
    }

    /// What it had before it was told to drain says nothing, nor does the time that it was kept.
    @Test func theDrainBeginsWhenTheWatchIsOver() throws {
        var world = World.watched(World.strict)
        #expect(world.machine.generation(GenerationID(1))?.drainDeadline == nil)
        world.wait(.seconds(60))
        #expect(world.answer(Self.asked) == .current(Self.second))
        let first = try #require(world.machine.generation(GenerationID(1)))
        #expect(first.phase == .draining)
        let timeout = try #require(Policy().drainTimeout)
        #expect(first.drainDeadline == world.now + timeout)
        #expect(world.faults == [])
    }

    /// Also where a count is due in the turn in which the watch ends.
    @Test func whatTheOldOneHasIsCountedOnceItIsTold() throws {
        var world = World.watched(World.strict)
        world.wait(.seconds(59))
        world.log = []
        world.wait(.seconds(1))
        let told = try #require(world.log.firstIndex(of: .tellDraining(GenerationID(1))))
        let counted = try #require(world.log.firstIndex(of: .countFlows(GenerationID(1))))
        #expect(told < counted)
        #expect(world.faults == [])
    }

    @Test func whoAskedIsToldAlsoWhereTheOldOneHasGone() {
        var world = World.watched(World.strict)
        // It dies too often to be started again.
        for _ in 0...5 where world.machine.watchedID != nil {
            world.answerAll { $0.machine.generation(GenerationID(1))?.isWhole == false }
            world.die(1, 0)
        }
        #expect(world.phase(1) != .draining && world.phase(2) == .current)
        #expect(world.machine.watchedID == nil)
        let died = WatchEnd.deserted(GenerationID(1))
        #expect(
            world.answer(Self.asked) == .failed("generation 2 stays: \(died.fault ?? "")"))
        let isCalm = world.calmDown()
        #expect(isCalm && world.machine.lastHandover?.outcome == .completed)
        #expect(world.machine.lastHandover?.watchEnd == died)
        #expect(world.faults == [])
    }

    /// An older one that drains still is not what was current before.
    @Test func whereTheKeptOneIsBrokenARollbackStartsItsCommandAnewAndItDrainsLikeAnyOther() {
        var world = World.serving()
        world.take(.newFlow)
        world.upgrade()
        world.take(.newFlow)
        let request = world.request()
        world.happen(.upgrade(request, nil, watch: World.strict))
        world.answerAll { $0.machine.watchedID == nil }
        world.log = []
        world.die(2, 0)
        let rollback = world.request()
        world.happen(.rollback(rollback))
        #expect(world.phase(1) == .draining && world.phase(2) == .draining)
        #expect(world.answer(request) == .failed("cancelled by rollback"))
        #expect(world.log.contains(.tellDraining(Self.second)))
        world.answerAll { $0.openRequests.contains(rollback) }
        #expect(world.answer(rollback) == .current(GenerationID(4)))
        #expect(world.faults == [])
    }

    @Test(arguments: [
        Event.checked(second, step: 0, failure: "slow"), .dropsSeen(second, total: 1_000),
        .workerFailed(worker(2, 0), "no database"),
    ])
    func whatEndsACanaryRollsBack(_ event: Event) {
        var world = World.watched(World.watch)
        world.happen(.dropsSeen(Self.second, total: 0))
        world.waitForNobody(.seconds(5))
        world.happen(event)
        #expect(world.phase(1) == .current && world.phase(2) == .draining)
        guard case .failed = world.answer(Self.asked) else {
            Issue.record("\(String(describing: world.answer(Self.asked)))")
            return
        }
        // It was never told to drain.
        #expect(!world.log.contains(.tellDraining(GenerationID(1))))
        let isCalm = world.calmDown()
        #expect(isCalm)
        guard case .rolledBack = world.machine.lastHandover?.outcome else {
            Issue.record("\(String(describing: world.machine.lastHandover?.outcome))")
            return
        }
        #expect(world.faults == [])
    }

    @Test func oneDeathMoreThanItMayCauseRollsBack() {
        var world = World.watched(World.watch)
        world.die(2, 0)
        #expect(world.phase(2) == .current)
        world.take(.wait)
        world.answerAll { $0.machine.generation(Self.second)?.isWhole == false }
        world.die(2, 0)
        #expect(world.phase(1) == .current)
        #expect(world.faults == [])
    }

    /// It is started again although nothing is left in its queue.
    @Test func aFailureWaitsForAWorkerOfTheOldOneThatHasDied() {
        var world = World.watched(World.strict)
        world.die(1, 0)
        world.happen(.workerFailed(worker(2, 0), "no database"))
        #expect(world.phase(2) == .current)
        #expect(world.machine.generation(Self.second)?.watch?.failure != nil)
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.workerReady(worker(1, 0)))
        #expect(world.phase(1) == .current && world.phase(2) != .current)
        #expect(world.faults == [])
    }

    @Test func noOtherHandoverBeginsMeanwhileAndPromoteEndsIt() {
        var world = World.watched(World.strict)
        let other = world.request()
        world.happen(.upgrade(other, nil))
        guard case .refused(let reason) = world.answer(other) else {
            Issue.record("another upgrade begins")
            return
        }
        #expect(reason.contains("is being watched"))
        let late = world.request()
        world.happen(.promote(late, full: false, meant: MeantStep(step: 1)))
        #expect(
            world.answer(late)
                == .refused(
                    "generation 2 is watched by now, which is not what was to be promoted"))
        #expect(world.machine.watchedID == Self.second)
        let promote = world.request()
        let watch = MeantStep(generation: Self.second, step: 0)
        world.happen(.promote(promote, full: false, meant: watch))
        #expect(world.answer(promote) == .current(Self.second))
        #expect(world.answer(Self.asked) == .current(Self.second))
        #expect(world.log.contains(.tellDraining(GenerationID(1))))
        #expect(world.machine.handovers.last?.watchEnd == .promoted)
        #expect(world.faults == [])
    }

    @Test func aStopBreaksItOff() {
        var world = World.watched(World.strict)
        world.happen(.stop(world.request(), drain: false))
        #expect(world.answer(Self.asked) == .failed("the service is being stopped"))
        let isCalm = world.calmDown()
        #expect(isCalm)
        #expect(world.faults == [])
    }

    /// The one that failed stays, for none of the workers that it was kept for comes back.
    @Test func aFailureThatNobodyCanGoBackFromIsTold() {
        var world = World.watched(World.strict)
        world.die(1, 0)
        world.happen(.workerFailed(worker(2, 0), "no database"))
        for _ in 0...5 where world.machine.watchedID != nil {
            world.happen(.workerStartFailed(worker(1, 0), "no memory"))
            world.waitForNobody(.seconds(5))
        }
        #expect(world.machine.watchedID == nil && world.phase(2) == .current)
        guard
            case .failed(let reason) = world.machine.lastHandover?.watchEnd
                ?? world.machine.handovers.last?.watchEnd
        else {
            Issue.record("\(String(describing: world.machine.handovers.last))")
            return
        }
        #expect(reason.contains("no database"))
        #expect(world.faults == [])
    }

    @Test(arguments: [true, false])
    func anOperatorMayRollBackAndWhoAskedIsTold(byAbort: Bool) {
        var world = World.watched(World.strict)
        let request = world.request()
        world.happen(byAbort ? .abort(request) : .rollback(request))
        #expect(world.answer(request) == .current(GenerationID(1)))
        #expect(world.answer(Self.asked) == .failed("cancelled by rollback"))
        #expect(world.phase(1) == .current)
        #expect(world.faults == [])
    }

    @Test func aDryRunNeverGetsAFlow() {
        var world = World.serving()
        let request = world.request()
        world.happen(.upgrade(request, nil, dryRun: DryRun(check: ["check"])))
        world.answerAll { $0.checks.isEmpty }
        #expect(world.phase(2) == .starting && world.answer(request) == nil)
        world.happen(.checked(Self.second, step: 0, failure: nil))
        let isCalm = world.calmDown()
        #expect(isCalm)
        #expect(world.answer(request) == .done)
        #expect(world.phase(1) == .current)
        #expect(world.machine.lastHandover?.outcome == .passed)
        #expect(world.faults == [])
    }

    @Test func aDryRunSaysWhyItWouldHaveFailed() {
        var world = World.serving()
        let request = world.request()
        world.happen(.upgrade(request, nil, dryRun: DryRun(check: ["check"])))
        world.answerAll { $0.checks.isEmpty }
        let open = world.machine
        var next = open
        #expect(
            next.repeatOpenEffects().contains(
                .runCheck(Self.second, step: 0, command: ["check"])))
        world.happen(.checked(Self.second, step: 0, failure: "slow"))
        let isCalm = world.calmDown()
        #expect(isCalm)
        #expect(world.answer(request) == .failed("its check failed: slow"))
        #expect(world.machine.lastHandover?.isDryRun == true)
        #expect(world.phase(1) == .current)
    }
}
