import HandoverCore
import Testing

@Suite struct UpgradeTests {
    @Test func anUpgradeFlipsInOneStoreWhenAllNewWorkersAreReady() {
        var world = World.serving()
        let request = world.request()
        world.happen(.upgrade(request, World.second))
        world.log = []
        world.answerAll { $0.openRequests.contains(request) }
        #expect(world.answer(request) == .current(GenerationID(2)))
        let stores = world.log.count { effect in
            switch effect {
            case .steerNewFlows: true
            default: false
            }
        }
        #expect(stores == 1)
        #expect(world.target == target(2, [0, 1]))
        #expect(world.phase(1) == .draining)
        #expect(world.effects.contains(.tellDraining(GenerationID(1))))
        #expect(world.faults == [])
    }

    @Test func theOldGenerationHearsNothingBeforeTheFlip() {
        var world = World.serving()
        let old = world.machine.generations[0]
        world.happen(.upgrade(world.request(), World.second))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerStarted(worker(2, 0)))
        world.happen(.workerReady(worker(2, 0)))
        #expect(world.machine.generations[0] == old)
        #expect(world.target == target(1, [0, 1]))
    }

    @Test func anUpgradeWithoutALaunchStartsTheCurrentOneAgain() {
        var world = World.serving()
        world.happen(.upgrade(world.request(), nil))
        #expect(
            world.machine.generation(GenerationID(2))?.launch
                == World.first.begun(by: GenerationID(2)))
    }

    @Test func anUpgradeMayChangeTheNumberOfWorkers() {
        var world = World.serving()
        world.upgrade(Launch(command: ["server"], workers: 5))
        #expect(world.target == target(2, [0, 1, 2, 3, 4]))
        world.upgrade(Launch(command: ["server"], workers: 1))
        #expect(world.target == target(3, [0]))
        #expect(world.machine.launch?.workers == 1)
        #expect(world.faults == [])
    }

    @Test func aSecondHandoverIsRefusedWhileAGenerationStarts() {
        var world = World.serving()
        world.happen(.upgrade(world.request(), nil))
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, nil))
        let restart = world.request()
        world.happen(.restart(restart))
        #expect(world.answer(upgrade) == .refused("generation 2 is still starting"))
        #expect(world.answer(restart) == .refused("generation 2 is still starting"))
    }

    @Test func severalGenerationsMayDrainAtOnce() {
        var world = World.draining()
        world.take(.newFlow)
        world.upgrade()
        #expect(world.phase(1) == .draining)
        #expect(world.phase(2) == .draining)
        #expect(world.phase(3) == .current)
        #expect(world.machine.handovers.map(\.from.number) == [1, 2])
        world.take(.flowEnds(0))
        world.take(.flowEnds(0))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.reports.map(\.from.number).sorted() == [1, 2])
        #expect(world.faults == [])
    }

    @Test(arguments: ["exits", "fails", "cannot be started", "is late"])
    func aFailedUpgradeLeavesEverythingAsItWas(how: String) {
        var world = World.serving()
        let before = world.machine
        let request = world.request()
        world.happen(.upgrade(request, World.second))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerStarted(worker(2, 0)))
        world.happen(.workerReady(worker(2, 0)))
        let reason: String
        switch how {
        case "exits":
            world.happen(.workerStarted(worker(2, 1)))
            world.happen(.workerExited(worker(2, 1), .exited(status: 3)))
            reason = "worker 1 exited with status 3 before its generation was ready"
        case "fails":
            world.happen(.workerStarted(worker(2, 1)))
            world.happen(.workerFailed(worker(2, 1), "took no socket"))
            reason = "worker 1 failed: took no socket"
        case "cannot be started":
            world.happen(.workerStartFailed(worker(2, 1), "no such file"))
            reason =
                "worker 1 could not be started: no such file"
        default:
            world.happen(.workerStarted(worker(2, 1)))
            world.now = world.now + .seconds(30)
            world.happen(.tick)
            reason = "worker 1 was not ready in time"
        }
        #expect(world.effects.contains(.stopWorker(worker(2, 0))))
        #expect(world.phase(2) == .failed)
        #expect(world.answer(request) == nil)
        world.answerAll()
        #expect(world.answer(request) == .failed(reason))
        #expect(world.machine.generations[0] == before.generations[0])
        #expect(world.machine.steering == before.steering)
        #expect(world.machine.lastHandover?.outcome == .failed(reason: reason))
        #expect(world.machine.generation(GenerationID(2))?.failure == reason)
        #expect(world.phase(2) == .failed)
        #expect(world.faults == [])
    }

    @Test func aBankThatCannotBeHadFailsTheUpgradeAtOnce() {
        var world = World.serving()
        let request = world.request()
        world.happen(.upgrade(request, nil))
        world.happen(.bankFailed(GenerationID(2), "too many open files"))
        #expect(world.answer(request) == .failed("too many open files"))
        #expect(!world.log.contains(.freeBank(GenerationID(2))))
        #expect(world.faults == [])
    }

    @Test func anotherUpgradeIsTakenWhileAFailedOneIsStillBeingStopped() {
        var world = World.serving()
        world.happen(.upgrade(world.request(), World.second))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerStartFailed(worker(2, 0), "no such file"))
        let request = world.request()
        world.happen(.upgrade(request, nil))
        #expect(world.phase(3) == .starting)
        world.answerAll()
        #expect(world.answer(request) == .current(GenerationID(3)))
        #expect(world.faults == [])
    }

    @Test func aWorkerThatDoesNotStopIsKilled() {
        var world = World.serving()
        world.happen(.upgrade(world.request(), World.second))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerStarted(worker(2, 0)))
        world.happen(.workerStartFailed(worker(2, 1), "no such file"))
        #expect(world.machine.nextDeadline == world.now + .seconds(10))
        world.take(.wait)
        #expect(world.effects.first == .killWorker(worker(2, 0)))
        #expect(world.phase(2) == .failed)
    }

    @Test func aWorkerMayAskForMoreTimeButNotForLess() {
        var world = World.serving()
        let begin = world.now
        world.happen(.upgrade(world.request(), Launch(command: ["server"], workers: 1)))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerStarted(worker(2, 0)))
        world.happen(.extendTimeout(worker(2, 0), .seconds(5)))
        #expect(world.machine.nextDeadline == begin + .seconds(30))
        world.happen(.extendTimeout(worker(2, 0), .seconds(90)))
        #expect(world.machine.nextDeadline == begin + .seconds(90))
        world.happen(.extendTimeout(worker(2, 0), .seconds(40)))
        #expect(world.machine.nextDeadline == begin + .seconds(40))
        world.happen(.extendTimeout(worker(2, 0), .seconds(Int64.max)))
        #expect(world.phase(2) == .starting)
    }

    @Test func theReportTellsHowLongEachPhaseTook() {
        var world = World.serving(Launch(command: ["server"], workers: 1))
        let request = world.request()
        world.take(.newFlow)
        world.happen(.upgrade(request, nil))
        world.happen(.bankPrepared(GenerationID(2)))
        world.now = world.now + .seconds(1)
        world.happen(.workerStarted(worker(2, 0)))
        world.now = world.now + .seconds(2)
        world.happen(.workerReady(worker(2, 0)))
        world.happen(.steered(GenerationID(2), .microseconds(3)))
        world.happen(.steered(GenerationID(2), .microseconds(8)))
        world.now = world.now + .seconds(4)
        world.take(.flowEnds(0))
        world.answerAll()
        world.take(.wait)
        world.happen(.dropsCounted(GenerationID(1), 2))
        let calm = world.calmDown()
        #expect(calm)
        world.happen(.dropsCounted(GenerationID(1), 5))
        world.die(2, 0)
        world.happen(.steered(GenerationID(2), .microseconds(9)))
        let report = world.machine.lastHandover
        #expect(report?.phases.start == .seconds(1))
        #expect(report?.phases.ready == .seconds(2))
        #expect(report?.phases.flip == .microseconds(3))
        #expect(report?.phases.drain == .seconds(4))
        #expect(report?.phases.retire == .milliseconds(250))
        #expect(report?.outcome == .completed)
        #expect(report?.request == request)
        #expect(report?.drops == 7)
        #expect(world.reports.first?.drops == 2)
    }
}
