import HandoverCore
import Testing

@Suite struct RetireTests {
    /// A first generation just re-steered.
    private func retiring() -> World {
        var world = World.draining()
        world.happen(.workerDrained(worker(1, 0)))
        world.happen(.workerDrained(worker(1, 1)))
        world.log = []
        return world
    }

    @Test func workersAreStoppedALingerAfterTheirQueuesAreEmpty() {
        var world = retiring()
        world.happen(.queuesEmpty(GenerationID(1)))
        #expect(world.effects == [])
        #expect(world.machine.nextDeadline == world.now + .milliseconds(250))
        world.take(.wait)
        #expect(world.effects == [.stopWorker(worker(1, 0)), .stopWorker(worker(1, 1))])
        world.die(1, 0)
        #expect(world.phase(1) == .retiring)
        world.die(1, 1)
        #expect(world.effects.contains(.freeBank(GenerationID(1))))
        #expect(world.phase(1) == .stopped)
        #expect(world.reports.map(\.outcome) == [.completed])
        #expect(world.faults == [])
    }

    @Test func aWorkerThatNeverReadsHoldsNobodyUpForEver() {
        var world = retiring()
        let begin = world.now
        world.take(.wait)
        #expect(world.now == begin + .seconds(10))
        #expect(world.steps(1) == [.queuesNotEmptied])
        #expect(world.effects.contains(.stopWorker(worker(1, 0))))
        world.take(.wait)
        #expect(world.now == begin + .seconds(20))
        #expect(world.effects.contains(.killWorker(worker(1, 0))))
        world.answerAll()
        #expect(world.phase(1) == .stopped)
        #expect(world.faults == [])
    }

    /// The whole system stood still: the workers have had no time to read.
    @Test func aDeadlineThatIsNoticedLateIsPutOff() {
        var world = retiring()
        world.now = world.now + .seconds(60)
        world.happen(.tick)
        #expect(world.effects == [])
        #expect(world.machine.nextDeadline == world.now + .seconds(1))
        world.take(.wait)
        #expect(world.steps(1) == [.queuesNotEmptied])
        #expect(world.faults == [])
    }

    /// It was to read what the one before it has left.
    @Test func aWorkerThatWaitsToBeStartedIsNotPassedOver() {
        var world = World.draining()
        let id = worker(1, 0)
        world.happen(.workerExited(id, .killed(signal: 9), leavesQueue: true))
        world.happen(.workerStartFailed(id, "too many open files"))
        world.happen(.workerDrained(worker(1, 1)))
        world.happen(.flowsCounted(GenerationID(1), FlowCount(confirmed: 0)))
        world.happen(.outsideCounted(GenerationID(1), OutsideCount()))
        #expect(world.phase(1) == .retiring)
        let start = world.effects.firstIndex(of: .startWorker(id))
        let watch = world.effects.firstIndex(of: .watchQueues(GenerationID(1)))
        #expect(start.map { $0 < watch ?? 0 } == true)
        #expect(world.faults == [])
    }

    /// Nor is one that was given up because nobody has started it.
    @Test func aWorkerThatWasGivenUpBeforeItBeganIsAskedForAgain() {
        var world = World.draining()
        let id = worker(1, 0)
        world.happen(.workerExited(id, .killed(signal: 9), leavesQueue: true))
        world.now = world.now + world.machine.policy.readyTimeout
        world.happen(.tick)
        #expect(world.effects.contains(.stopWorker(id)))
        world.now = world.now + world.machine.policy.stopTimeout
        world.happen(.tick)
        #expect(world.effects.contains(.killWorker(id)))
        world.happen(.workerStartFailed(id, "the keeper does not answer"))
        #expect(world.effects.contains(.startWorker(id)))
        #expect(world.faults == [])
    }

    @Test func aWorkerMayAskForMoreTimeToStop() {
        var world = retiring()
        world.happen(.queuesEmpty(GenerationID(1)))
        world.take(.wait)
        let stopped = world.now
        world.happen(.extendTimeout(worker(1, 0), .seconds(60)))
        world.die(1, 1)
        #expect(world.machine.nextDeadline == stopped + .seconds(60))
    }

    @Test func aGenerationWhoseWorkersDieWhileRetiringIsFreedAtOnce() {
        var world = retiring()
        world.die(1, 0)
        #expect(world.phase(1) == .retiring)
        world.die(1, 1)
        #expect(world.phase(1) == .stopped)
        #expect(world.faults == [])
    }

    @Test func aRetiredGenerationIsShownUntilTheNextOneBegins() {
        var world = retiring()
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.phase(1) == .stopped)
        world.happen(.upgrade(world.request(), nil))
        #expect(world.phase(1) == nil)
        #expect(world.machine.generations.map(\.id.number) == [2, 3])
    }
}
