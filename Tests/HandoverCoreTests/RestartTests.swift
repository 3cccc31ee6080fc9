import HandoverCore
import Testing

@Suite struct RestartTests {
    @Test func aDeadWorkersSiblingsGetItsNewFlowsUntilItIsBack() {
        var world = World.serving()
        world.take(.newFlow)
        world.die(1, 0)
        #expect(world.effects.contains(.steerNewFlows(to: GenerationID(1), workers: [1])))
        #expect(world.flows == [worker(1, 0)])
        #expect(world.machine.nextDeadline == world.now + .milliseconds(100))
        world.take(.wait)
        #expect(world.effects == [.startWorker(worker(1, 0))])
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.workerReady(worker(1, 0)))
        #expect(world.target == target(1, [0, 1]))
        #expect(world.machine.generations[0].workers[0].restarts == 1)
        #expect(world.flows == [worker(1, 0)])
        #expect(world.faults == [])
    }

    @Test func withNoWorkerAliveNewFlowsWaitInAllQueues() {
        var world = World.serving()
        world.die(1, 0)
        world.die(1, 1)
        #expect(world.target == target(1, [0, 1]))
        #expect(world.machine.current == GenerationID(1))
        #expect(world.faults == [])
    }

    @Test func theBackOffDoublesToItsLimitAndStartsAnewAfterAMinuteOfService() {
        var world = World.serving(Launch(command: ["server"], workers: 1))
        var waits: [Duration] = []
        for _ in 0..<11 {
            world.die(1, 0)
            let began = world.now
            world.take(.wait)
            waits.append(world.now - began)
            world.answerAll()
        }
        let doubled = [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]
        #expect(waits == doubled.map { .milliseconds($0) })
        world.now = world.now + .seconds(60)
        world.die(1, 0)
        #expect(world.machine.nextDeadline == world.now + .milliseconds(100))
    }

    @Test(arguments: [0, 1])
    func anExitOfACurrentWorkerIsADeathWhateverItsStatus(status: Int32) {
        var world = World.serving()
        world.happen(.workerExited(worker(1, 0), .exited(status: status)))
        #expect(world.state(1, 0) == .backingOff(until: world.now + .milliseconds(100)))
    }

    @Test func aRestartedWorkerThatIsNotReadyInTimeIsStoppedAndCountsAsDead() {
        var world = World.serving(Launch(command: ["server"], workers: 1))
        world.die(1, 0)
        world.take(.wait)
        world.happen(.workerStarted(worker(1, 0)))
        world.take(.wait)
        #expect(world.effects.contains(.stopWorker(worker(1, 0))))
        world.answerAll()
        #expect(world.machine.nextDeadline == world.now + .milliseconds(200))
        #expect(world.machine.current == GenerationID(1))
        #expect(world.faults == [])
    }

    @Test func aWorkerThatCannotBeStartedAgainIsTriedAgain() {
        var world = World.serving(Launch(command: ["server"], workers: 1))
        world.die(1, 0)
        world.take(.wait)
        world.happen(.workerStartFailed(worker(1, 0), "text file busy"))
        #expect(world.machine.nextDeadline == world.now + .milliseconds(200))
        let calm = world.calmDown()
        #expect(calm)
    }

    @Test func aCurrentWorkerThatSaysItFailedGetsNoNewFlowsAndIsReplaced() {
        var world = World.serving()
        world.happen(.workerFailed(worker(1, 1), "cannot go on"))
        #expect(world.target == target(1, [0]))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.target == target(1, [0, 1]))
        #expect(world.faults == [])
    }

    @Test func anUpgradeIsTakenWhileWorkersCrash() {
        var world = World.serving()
        world.die(1, 0)
        world.die(1, 1)
        world.upgrade()
        #expect(world.machine.current == GenerationID(2))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.faults == [])
    }

    @Test func threeCrashesWithinAMinuteOfTheFlipRollBackByThemselves() {
        var world = World.draining()
        for crash in 1...3 {
            #expect(world.machine.current == GenerationID(2))
            world.die(2, 0)
            if crash < 3 {
                world.take(.wait)
                world.answerAll()
            }
        }
        #expect(world.machine.current == GenerationID(1))
        #expect(world.effects.first { $0 == .tellResumed(GenerationID(1)) } != nil)
        #expect(world.effects.contains(.abandonWorker(worker(2, 0))))
        #expect(!world.effects.contains(.startWorker(worker(2, 0))))
        #expect(world.target == target(1, [0, 1]))
        #expect(world.phase(2) == .draining)
        #expect(world.flows == [worker(1, 0)])
        let calm = world.calmDown()
        #expect(calm)
        let reason = "generation 2 crashed 3 times within 60.0 seconds of the flip"
        #expect(world.machine.lastHandover?.outcome == .rolledBack(reason: reason))
        #expect(world.machine.lastHandover?.from == GenerationID(1))
        #expect(world.machine.lastHandover?.to == GenerationID(2))
        #expect(world.faults == [])
    }

    @Test func crashesLongAfterTheFlipDoNotRollBack() {
        var world = World.draining()
        world.wait(.seconds(61))
        for _ in 0..<5 {
            world.die(2, 0)
            world.answerAll()
            while world.state(2, 0).map(isWaiting) == true {
                world.take(.wait)
                world.answerAll()
            }
        }
        #expect(world.machine.current == GenerationID(2))
    }

    private func isWaiting(_ state: WorkerState) -> Bool {
        switch state {
        case .backingOff: true
        default: false
        }
    }

    @Test func crashesDoNotRollBackToAGenerationThatIsNotWhole() {
        var world = World.draining()
        world.die(1, 1)
        for _ in 0..<4 {
            world.die(2, 0)
            while world.state(2, 0).map(isWaiting) == true {
                world.take(.wait)
                world.answerAll()
            }
        }
        #expect(world.machine.current == GenerationID(2))
        #expect(world.faults == [])
    }

    @Test func crashesAfterARollbackRollNothingForward() {
        var world = World.draining()
        world.take(.newFlow)
        world.happen(.rollback(world.request()))
        for _ in 0..<4 {
            world.die(1, 0)
            while world.state(1, 0).map(isWaiting) == true {
                world.take(.wait)
                world.answerAll()
            }
        }
        #expect(world.phase(2) == .draining)
        #expect(world.machine.current == GenerationID(1))
    }

    @Test func anUpgradeOutlivesTheRollbackOfTheGenerationItWasToFollow() {
        var world = World.draining()
        let request = world.request()
        world.happen(.upgrade(request, Launch(command: ["server", "3"], workers: 1)))
        world.happen(.bankPrepared(GenerationID(3)))
        for _ in 0..<2 {
            world.die(2, 0)
            world.take(.wait)
            world.happen(.workerReady(worker(2, 0)))
        }
        world.die(2, 0)
        #expect(world.machine.current == GenerationID(1))
        world.happen(.workerReady(worker(3, 0)))
        #expect(world.answer(request) == .current(GenerationID(3)))
        #expect(world.machine.generation(GenerationID(1))?.handover?.from == GenerationID(1))
        world.flows = []
        let calm = world.calmDown()
        #expect(calm)
        world.happen(.rollback(world.request()))
        #expect(
            world.machine.generation(GenerationID(4))?.launch
                == World.first.begun(by: GenerationID(1)))
        #expect(world.faults == [])
    }
}
