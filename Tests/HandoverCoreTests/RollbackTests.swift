import HandoverCore
import Testing

@Suite struct RollbackTests {
    @Test func aRollbackDuringADrainMakesTheOldGenerationCurrentAgain() {
        var world = World.draining()
        world.happen(.workerDrained(worker(1, 0)))
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.answer(request) == .current(GenerationID(1)))
        #expect(world.target == target(1, [0, 1]))
        #expect(world.effects.contains(.tellResumed(GenerationID(1))))
        #expect(world.effects.contains(.tellDraining(GenerationID(2))))
        #expect(world.state(1, 0) == .ready(since: world.now, drained: false))
        #expect(world.flows == [worker(1, 0)])
        #expect(world.phase(2) == .draining)
        let calm = world.calmDown()
        #expect(calm)
        let report = world.machine.lastHandover
        #expect(report?.outcome == .rolledBack(reason: "asked for"))
        #expect(report?.leaving == GenerationID(2))
        #expect(report?.arriving == GenerationID(1))
        #expect(world.faults == [])
    }

    @Test func aWorkerThatSaysItHasFailedRollsItsGenerationBackWhileTheOldOneDrains() {
        var world = World.draining()
        world.happen(.workerFailed(worker(2, 1), "no database"))
        #expect(world.phase(1) == .current && world.phase(2) == .draining)
        #expect(world.target == target(1, [0, 1]))
        #expect(world.effects.contains(.tellResumed(GenerationID(1))))
        #expect(world.effects.contains(.stopWorker(worker(2, 1))))
        let calm = world.calmDown()
        #expect(calm)
        #expect(
            world.machine.lastHandover?.outcome
                == .rolledBack(reason: "worker 1 failed: no database"))
        #expect(world.faults == [])
    }

    @Test func withoutAGenerationToGoBackToItIsStartedAgain() {
        var world = World.serving()
        world.upgrade()
        let calm = world.calmDown()
        #expect(calm)
        world.happen(.workerFailed(worker(2, 1), "no database"))
        #expect(world.phase(2) == .current)
        world.answerAll()
        world.wait(.seconds(1))
        #expect(world.machine.generation(GenerationID(2))?.isWhole == true)
        #expect(world.faults == [])
    }

    @Test func aRollbackCanBeTakenBack() {
        var world = World.draining()
        world.take(.newFlow)
        world.happen(.rollback(world.request()))
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.answer(request) == .current(GenerationID(2)))
        #expect(world.phase(1) == .draining)
        world.flows = []
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.reports.map(\.outcome) == [.completed])
        #expect(world.faults == [])
    }

    @Test func aRollbackAfterTheDrainOfARolledBackGenerationStartsItsCommandAnew() {
        var world = World.draining()
        world.happen(.rollback(world.request()))
        let calm = world.calmDown()
        #expect(calm)
        world.happen(.rollback(world.request()))
        #expect(
            world.machine.generation(GenerationID(3))?.launch
                == World.second.begun(by: GenerationID(2)))
        #expect(world.faults == [])
    }

    @Test func aRollbackAfterTheDrainStartsThePreviousCommandAsAnUpgrade() {
        var world = World.serving()
        world.upgrade()
        let calm = world.calmDown()
        #expect(calm)
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.phase(3) == .starting)
        #expect(
            world.machine.generation(GenerationID(3))?.launch
                == World.first.begun(by: GenerationID(1)))
        world.answerAll()
        #expect(world.answer(request) == .current(GenerationID(3)))
        #expect(world.faults == [])
    }

    @Test func aRollbackWithNothingToGoBackToIsRefused() {
        var world = World.serving()
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.answer(request) == .nothingToRollBackTo)
        #expect(world.machine.generations.count == 1)
    }

    @Test func aRollbackGoesToTheGenerationThatBeganToDrainLast() {
        var world = World.draining()
        world.wait(.milliseconds(10))
        world.upgrade()
        world.happen(.rollback(world.request()))
        #expect(world.machine.current == GenerationID(2))
        #expect(world.phase(1) == .draining)
        #expect(world.phase(3) == .draining)
        #expect(world.faults == [])
    }

    @Test func aRollbackDoesNotGoToAnOlderGenerationThatDrainsForLonger() {
        var world = World.draining()
        world.upgrade(Launch(command: ["server", "3"], workers: 2))
        for _ in 0..<100 where world.phase(2) != .stopped {
            world.answerAll()
            world.wait(.milliseconds(500))
        }
        #expect(world.phase(1) == .draining && world.phase(2) == .stopped)
        world.happen(.rollback(world.request()))
        #expect(world.machine.current == GenerationID(3) && world.phase(4) == .starting)
        #expect(
            world.machine.generation(GenerationID(4))?.launch
                == Launch(command: ["server", "2"], workers: 2).begun(by: GenerationID(2)))
        #expect(world.faults == [])
    }

    @Test func whereTheGenerationBeforeIsBrokenItsCommandIsStartedAnewAndNoOlderOneTakesOver() {
        var world = World.draining()
        world.wait(.milliseconds(10))
        world.take(.newFlow)
        world.upgrade(Launch(command: ["server", "3"], workers: 2))
        world.die(2, 1)
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.machine.current == GenerationID(3) && world.phase(4) == .starting)
        #expect(
            world.machine.generation(GenerationID(4))?.launch
                == World.second.begun(by: GenerationID(2)))
        world.answerAll { $0.openRequests.contains(request) }
        #expect(world.answer(request) == .current(GenerationID(4)))
        #expect(world.machine.generation(GenerationID(1))?.handover?.to == GenerationID(2))
        #expect(world.faults == [])
    }

    @Test(arguments: [true, false])
    func noRollbackByItselfGoesPastTheGenerationBefore(hasEnded: Bool) {
        var world = World.draining()
        if !hasEnded { world.take(.newFlow) }
        world.upgrade(Launch(command: ["server", "3"], workers: 2))
        if hasEnded {
            for _ in 0..<100 where world.phase(2) != .stopped {
                world.answerAll()
                world.wait(.milliseconds(500))
            }
        }
        #expect(world.phase(1) == .draining && world.phase(2) == (hasEnded ? .stopped : .draining))
        world.happen(.workerFailed(worker(3, 0), "no database"))
        #expect(world.machine.current == GenerationID(hasEnded ? 3 : 2))
        #expect(world.phase(1) == .draining)
        world.flows = []
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.generations.last?.isWhole == true || !hasEnded)
        #expect(world.faults == [])
    }

    @Test func aRollbackFromAGenerationWhoseOldOneIsBrokenStartsItsCommandAnew() {
        var world = World.draining()
        world.die(1, 0)
        world.happen(.rollback(world.request()))
        #expect(world.machine.current == GenerationID(2))
        #expect(
            world.machine.generation(GenerationID(3))?.launch
                == World.first.begun(by: GenerationID(1)))
    }

    @Test(arguments: [0, 1, 2, 3])
    func aRollbackCancelsAGenerationThatStarts(after answers: Int) {
        var world = World.serving()
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, World.second))
        for _ in 0..<answers {
            if let answer = world.answers.first {
                world.take(answer)
            }
        }
        let rollback = world.request()
        world.happen(.rollback(rollback))
        #expect(world.answer(rollback) == .current(GenerationID(1)))
        world.answerAll()
        #expect(world.answer(upgrade) == .failed("cancelled by rollback"))
        #expect(world.target == target(1, [0, 1]))
        #expect(world.phase(2) == .failed)
        #expect(world.banks[GenerationID(2)] == nil)
        #expect(world.faults == [])
    }

    @Test func aRollbackRightAfterAnUpgradeFailedByItselfRollsNothingElseBack() {
        var world = World.draining()
        world.answerAll()
        world.happen(.upgrade(world.request(), World.first))
        world.happen(.bankPrepared(GenerationID(3)))
        world.happen(.workerStartFailed(worker(3, 0), "no such file"))
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.answer(request) == .current(GenerationID(2)))
        #expect(world.machine.current == GenerationID(2))
        #expect(world.faults == [])
    }

    @Test func aFirstGenerationThatFailsCannotBeRolledBack() {
        var world = World()
        world.happen(.start(World.first))
        world.happen(.bankPrepared(GenerationID(1)))
        world.happen(.workerStartFailed(worker(1, 0), "no such file"))
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.answer(request) == .refused("no generation is current"))
    }

    @Test func theFirstGenerationCannotBeRolledBackWhileItStarts() {
        var world = World()
        world.happen(.start(World.first))
        let request = world.request()
        world.happen(.rollback(request))
        #expect(world.answer(request) == .refused("the first generation is still starting"))
    }
}
