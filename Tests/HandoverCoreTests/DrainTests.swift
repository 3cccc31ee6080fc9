import HandoverCore
import Testing

@Suite struct DrainTests {
    @Test func flowsAreCountedAtTheFlipAndOnceASecond() {
        var world = World.draining()
        #expect(world.effects.contains(.countFlows(GenerationID(1))))
        let begin = world.now
        world.answerAll()
        #expect(world.machine.generation(GenerationID(1))?.flows == FlowCount(confirmed: 1))
        #expect(world.machine.nextDeadline == begin + .seconds(1))
        world.take(.wait)
        #expect(world.effects == [.countFlows(GenerationID(1))])
    }

    @Test func aDrainEndsWhenNoFlowIsLeft() {
        var world = World.draining()
        world.answerAll()
        world.take(.flowEnds(0))
        world.take(.wait)
        world.answerAll { $0.phase(1) == .draining }
        #expect(world.phase(1) == .retiring)
        #expect(world.effects.contains(.resteer(GenerationID(1))))
        #expect(world.effects.contains(.watchQueues(GenerationID(1))))
        #expect(world.steps(1).contains(.retiring(.idle)))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutFlows == 0)
        #expect(world.faults == [])
    }

    @Test(arguments: [Duration.seconds(5), .milliseconds(4500)])
    func anUnconfirmedFlowHoldsADrainUpForSomeSeconds(hold: Duration) {
        var policy = Policy()
        policy.unconfirmedHold = hold
        var world = World.draining(policy: policy)
        let begin = world.now
        let count = FlowCount(confirmed: 0, unconfirmed: 1, recentUnconfirmed: 1)
        world.happen(.outsideCounted(GenerationID(1), OutsideCount()))
        while world.phase(1) == .draining {
            world.happen(.flowsCounted(GenerationID(1), count))
            if world.phase(1) == .draining {
                world.take(.wait)
            }
        }
        #expect(world.now == begin + hold)
    }

    @Test func anUnconfirmedFlowThatIsNotRecentHoldsNothingUp() {
        var world = World.draining()
        world.flows = []
        world.happen(.flowsCounted(GenerationID(1), FlowCount(confirmed: 0, unconfirmed: 9)))
        world.happen(.outsideCounted(GenerationID(1), OutsideCount()))
        #expect(world.phase(1) == .retiring)
    }

    @Test func aDrainEndsWhenAllWorkersSaySo() {
        var world = World.draining()
        world.happen(.workerDrained(worker(1, 0)))
        #expect(world.phase(1) == .draining)
        world.happen(.workerDrained(worker(1, 1)))
        #expect(world.phase(1) == .retiring)
        #expect(world.steps(1).contains(.retiring(.drained)))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutFlows == 0)
    }

    @Test func toldSessionsHoldADrainHoweverIdleItsFlowsAre() {
        var world = World.draining(workers: 1)
        world.flows = []
        world.happen(.workerSessions(worker(1, 0), 2))
        world.wait(.seconds(600))
        #expect(world.phase(1) == .draining)
        world.happen(.workerSessions(worker(1, 0), 1))
        #expect(world.phase(1) == .draining)
        world.happen(.workerSessions(worker(1, 0), 0))
        #expect(world.phase(1) == .retiring)
        #expect(world.steps(1).contains(.retiring(.drained)))
        #expect(world.faults == [])
    }

    @Test func noSessionsToldBeforeADrainDoNotEndIt() {
        var world = World.serving(Launch(command: ["server"], workers: 1))
        world.take(.newFlow)
        world.happen(.workerSessions(worker(1, 0), 0))
        world.upgrade()
        #expect(world.phase(1) == .draining)
        world.take(.flowEnds(0))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.log.contains(.resteer(GenerationID(1))))
    }

    @Test func aSessionToldAfterTheLastOneTakesTheEndBack() {
        var world = World.draining()
        world.happen(.workerSessions(worker(1, 0), 0))
        world.happen(.workerSessions(worker(1, 0), 1))
        world.happen(.workerDrained(worker(1, 1)))
        #expect(world.phase(1) == .draining)
        world.happen(.workerDrained(worker(1, 0)))
        #expect(world.phase(1) == .retiring)
    }

    @Test func aWorkerThatCountsWaitsForTheFlowsOfOneThatDoesNot() {
        var world = World.draining()
        world.happen(.workerSessions(worker(1, 0), 0))
        #expect(world.phase(1) == .draining)
        world.happen(.flowsCounted(GenerationID(1), FlowCount(confirmed: 1)))
        world.happen(.outsideCounted(GenerationID(1), OutsideCount()))
        #expect(world.phase(1) == .draining)
        world.happen(.flowsCounted(GenerationID(1), FlowCount(confirmed: 0)))
        #expect(world.phase(1) == .retiring)
    }

    @Test func toldSessionsAreForgottenWithTheirWorker() {
        var world = World.draining()
        world.flows = []
        world.happen(.workerSessions(worker(1, 0), 9))
        world.happen(.flowsCounted(GenerationID(1), FlowCount(confirmed: 0)))
        world.happen(.outsideCounted(GenerationID(1), OutsideCount()))
        #expect(world.phase(1) == .draining)
        world.die(1, 0)
        #expect(world.phase(1) == .retiring)
    }

    @Test func sessionsCutAtTheDeadlineAreCounted() {
        var policy = Policy()
        policy.drainTimeout = .seconds(3)
        var world = World.draining(policy: policy, workers: 1)
        world.flows = []
        world.happen(.workerSessions(worker(1, 0), 5))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutFlows == 5)
    }

    @Test func aDrainIsCutAtTheDeadlineAndTheCutFlowsAreCounted() {
        var policy = Policy()
        policy.drainTimeout = .milliseconds(1500)
        var world = World.draining(policy: policy)
        let begin = world.now
        world.answerAll()
        world.take(.wait)
        world.answerAll()
        world.take(.wait)
        #expect(world.now == begin + .milliseconds(1500))
        #expect(
            world.effects.prefix(3) == [
                .countFlows(GenerationID(1)), .resteer(GenerationID(1)),
                .watchQueues(GenerationID(1)),
            ])
        world.happen(.flowsCounted(GenerationID(1), FlowCount(confirmed: 3)))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.lastHandover?.cutFlows == 3)
        #expect(world.machine.lastHandover?.outcome == .completed)
        #expect(world.faults == [])
    }

    @Test func aDrainTimeoutOfZeroCutsAtTheFlip() {
        var policy = Policy()
        policy.drainTimeout = .zero
        let world = World.draining(policy: policy)
        #expect(world.phase(1) == .retiring)
        #expect(world.phase(2) == .current)
        #expect(world.faults == [])
    }

    @Test func aDrainWithoutATimeoutLastsAsLongAsItsFlows() {
        var policy = Policy()
        policy.drainTimeout = nil
        var world = World.draining(policy: policy)
        world.now = world.now + .seconds(1_000_000)
        world.happen(.tick)
        world.answerAll()
        #expect(world.phase(1) == .draining)
        world.take(.flowEnds(0))
        let calm = world.calmDown()
        #expect(calm)
    }

    @Test func theOperatorCanMoveTheDeadline() {
        var world = World.draining()
        let other = world.request()
        world.happen(.changeDrain(other, GenerationID(2), within: .zero))
        #expect(world.answer(other) == .refused("generation 2 does not drain"))
        let one = world.request()
        world.happen(.changeDrain(one, GenerationID(1), within: .seconds(7)))
        #expect(world.answer(one) == .done)
        #expect(
            world.machine.generation(GenerationID(1))?.drainDeadline == world.now + .seconds(7))
        let all = world.request()
        world.happen(.changeDrain(all, nil, within: .zero))
        #expect(world.answer(all) == .done)
        #expect(world.phase(1) == .retiring)
        let late = world.request()
        world.happen(.changeDrain(late, nil, within: .zero))
        #expect(world.answer(late) == .refused("no generation drains"))
    }

    @Test func aDrainingWorkerThatDiesIsNotStartedAgainAndItsFlowsMoveOn() {
        var world = World.draining()
        world.die(1, 0)
        #expect(world.effects.contains(.abandonWorker(worker(1, 0))))
        #expect(world.state(1, 0) == .gone)
        #expect(world.flows == [worker(2, 0)])
        #expect(world.phase(1) == .draining)
        #expect(world.faults == [])
    }

    @Test func aDrainingWorkerThatLeavesAQueueIsStartedOnceMoreToReadIt() {
        var world = World.draining()
        world.happen(
            .workerExited(worker(1, 0), .killed(signal: 9), leavesQueue: true))
        #expect(world.effects.contains(.abandonWorker(worker(1, 0))))
        #expect(world.effects.contains(.startWorker(worker(1, 0))))
        #expect(world.flows == [worker(2, 0)])
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.phase(1) == .stopped)
        #expect(world.faults == [])
    }

    @Test func aDrainingWorkerThatDiesOverItsQueueIsLetGoInTheEnd() {
        var world = World.draining()
        for _ in 1...world.machine.policy.crashLimit {
            world.happen(
                .workerExited(worker(1, 0), .killed(signal: 9), leavesQueue: true))
            #expect(world.effects.contains(.startWorker(worker(1, 0))))
            world.happen(.workerStarted(worker(1, 0)))
        }
        world.happen(
            .workerExited(worker(1, 0), .killed(signal: 9), leavesQueue: true))
        #expect(world.state(1, 0) == .gone)
        #expect(world.faults == [])
    }

    @Test func aDrainingWorkerThatExitsByItselfEndsTheDrainWhenItsSiblingSaysSo() {
        var world = World.draining()
        world.happen(.workerDrained(worker(1, 1)))
        world.happen(.workerExited(worker(1, 0), .exited(status: 0)))
        #expect(world.phase(1) == .retiring)
        #expect(world.faults == [])
    }

    @Test func aGenerationWithoutWorkersIsRetiredAtOnce() {
        var world = World.draining()
        world.die(1, 0)
        world.die(1, 1)
        #expect(world.phase(1) == .stopped)
        #expect(world.effects.contains(.freeBank(GenerationID(1))))
        #expect(!world.log.contains(.watchQueues(GenerationID(1))))
        #expect(world.reports.count == 1)
        #expect(world.faults == [])
    }

    @Test func aDrainingWorkerThatFailsIsStoppedAndItsFlowsMoveOn() {
        var world = World.draining()
        world.happen(.workerFailed(worker(1, 0), "disk full"))
        #expect(world.effects.contains(.stopWorker(worker(1, 0))))
        world.answerAll { $0.children[worker(1, 0)] != nil }
        #expect(world.flows == [worker(2, 0)])
        #expect(world.faults == [])
    }

    @Test func aWorkerDeadAtTheFlipIsStartedALastTimeToReadItsQueue() {
        var world = World.serving()
        world.take(.newFlow)
        world.happen(.upgrade(world.request(), World.second))
        world.happen(.bankPrepared(GenerationID(2)))
        world.die(1, 0)
        for index in 0..<2 {
            world.happen(.workerStarted(worker(2, index)))
            world.happen(.workerReady(worker(2, index)))
        }
        #expect(world.effects.contains(.abandonWorker(worker(1, 0))))
        #expect(world.effects.contains(.startWorker(worker(1, 0))))
        #expect(world.flows == [worker(2, 0)])
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.workerReady(worker(1, 0)))
        #expect(!world.effects.contains(.tellDraining(GenerationID(1))))
        #expect(world.phase(1) == .draining)
        world.happen(.workerDrained(worker(1, 1)))
        #expect(world.phase(1) == .retiring)
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.faults == [])
    }

    @Test func aWorkerOnItsWayBackAtTheFlipKeepsNoFlows() {
        var world = World.serving()
        world.take(.newFlow)
        world.die(1, 0)
        world.take(.wait)
        world.happen(.upgrade(world.request(), World.second))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerReady(worker(2, 0)))
        world.happen(.workerReady(worker(2, 1)))
        #expect(world.phase(1) == .draining)
        #expect(world.children[worker(1, 0)]?.toldToStop == false)
        #expect(world.log.contains(.abandonWorker(worker(1, 0))))
        #expect(world.flows == [worker(2, 0)])
        #expect(world.faults == [])
    }

    /// What waits in its queue would be lost with the slot, and what was missing may be there later.
    @Test func aWorkerThatCannotBeStartedToReadIsStartedLater() {
        var world = World.draining()
        let id = worker(1, 0)
        world.happen(.workerExited(id, .killed(signal: 9), leavesQueue: true))
        #expect(world.effects.contains(.startWorker(id)))
        world.happen(.workerStartFailed(id, "too many open files"))
        #expect(!world.effects.contains(.startWorker(id)))
        #expect(world.machine.generation(GenerationID(1))?.workers[0].phase == .restarting)
        world.now = world.now + .milliseconds(200)
        world.happen(.tick)
        #expect(world.effects.contains(.startWorker(id)))
        // In the end it is given up, and the drain can end.
        for _ in 0..<Policy().crashLimit {
            world.happen(.workerStartFailed(id, "too many open files"))
            world.now = world.now + .seconds(1)
            world.happen(.tick)
        }
        #expect(world.machine.generation(GenerationID(1))?.workers[0].phase == .stopped)
    }
}
