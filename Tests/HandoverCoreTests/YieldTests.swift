import HandoverCore
import Testing

/// Where generations may not overlap.
@Suite struct YieldTests {
    private static var alone: Policy {
        var policy = Policy()
        policy.overlap = false
        return policy
    }

    /// A first generation with all its workers stopped and a second one about to get its bank.
    private func inheriting(_ launch: Launch = World.second) -> (World, RequestID) {
        var world = World.serving(policy: Self.alone)
        let request = world.request()
        world.happen(.upgrade(request, launch))
        world.happen(.queuesEmpty(GenerationID(1)))
        world.die(1, 0)
        world.die(1, 1)
        return (world, request)
    }

    @Test func theOldGenerationIsEmptiedAndStoppedBeforeTheNewOneStarts() {
        var world = World.serving(policy: Self.alone)
        world.take(.newFlow)
        let request = world.request()
        world.happen(.upgrade(request, World.second))
        #expect(world.effects.contains(.watchQueues(GenerationID(1))))
        #expect(world.phase(1) == .retiring)
        #expect(world.machine.current == GenerationID(1))
        world.happen(.queuesEmpty(GenerationID(1)))
        #expect(world.effects == [.stopWorker(worker(1, 0)), .stopWorker(worker(1, 1))])
        world.die(1, 0)
        world.die(1, 1)
        #expect(
            world.effects.last
                == .inheritBank(GenerationID(2), workers: 2, from: GenerationID(1)))
        world.happen(.bankPrepared(GenerationID(2)))
        #expect(world.phase(1) == .stopped)
        #expect(world.machine.current == GenerationID(2))
        world.answerAll()
        #expect(world.answer(request) == .current(GenerationID(2)))
        #expect(world.target == target(2, [0, 1]))
        #expect(!world.log.contains(.freeBank(GenerationID(1))))
        #expect(!world.log.contains(.tellDraining(GenerationID(1))))
        #expect(world.reports.map(\.outcome) == [.completed])
        #expect(world.flows == [worker(2, 0)])
        #expect(world.isCalm)
        #expect(world.faults == [])
    }

    @Test func aRestartIsDoneThatWayWhateverThePolicy() {
        var world = World.serving()
        let request = world.request()
        world.happen(.restart(request))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.answer(request) == .current(GenerationID(2)))
        #expect(world.machine.launch == World.first.begun(by: GenerationID(2)))
        #expect(world.faults == [])
    }

    @Test func aBusyGenerationIsStoppedAfterALinger() {
        var world = World.serving(policy: Self.alone)
        world.happen(.upgrade(world.request(), nil))
        world.take(.wait)
        #expect(world.effects.contains(.stopWorker(worker(1, 0))))
    }

    @Test func slotsThatTheNewGenerationWillNotHaveAreEmptiedFirst() {
        var world = World.serving(policy: Self.alone)
        let request = world.request()
        world.happen(.upgrade(request, Launch(command: ["server"], workers: 1)))
        #expect(world.target == target(1, [0]))
        #expect(world.effects.contains(.abandonWorker(worker(1, 1))))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.answer(request) == .current(GenerationID(2)))
        #expect(world.faults == [])
    }

    @Test(arguments: [false, true])
    func aNewGenerationThatFailsGivesWayToTheOldCommand(noBank: Bool) {
        var (world, request) = inheriting()
        let reason: String
        if noBank {
            world.happen(.bankFailed(GenerationID(2), "no slot"))
            reason = "no slot"
        } else {
            world.happen(.bankPrepared(GenerationID(2)))
            world.happen(.workerStarted(worker(2, 0)))
            world.happen(.workerStartFailed(worker(2, 1), "no such file"))
            world.answerAll { $0.openRequests.contains(request) }
            reason = "worker 1 could not be started: no such file"
        }
        #expect(world.answer(request) == .failed(reason))
        let from = noBank ? 1 : 2
        #expect(
            world.effects.last
                == .inheritBank(GenerationID(3), workers: 2, from: GenerationID(from)))
        world.answerAll()
        #expect(world.machine.current == GenerationID(3))
        #expect(world.machine.launch == World.first.begun(by: GenerationID(1)))
        #expect(world.reports.map(\.outcome) == [.failed(reason: reason)])
        #expect(world.isCalm)
        #expect(world.faults == [])
    }

    @Test func theOldCommandIsTriedAgainUntilItServes() {
        var (world, _) = inheriting(Launch(command: ["server", "2"], workers: 1))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerStartFailed(worker(2, 0), "no such file"))
        for milliseconds in [100, 200, 400] {
            world.happen(.bankFailed(GenerationID(3), "too many open files"))
            #expect(world.machine.nextDeadline == world.now + .milliseconds(milliseconds))
            world.take(.wait)
        }
        world.happen(.bankPrepared(GenerationID(3)))
        #expect(world.machine.current == GenerationID(3))
        #expect(world.target == target(3, [0, 1]))
        for _ in 0..<5 {
            world.happen(.workerStartFailed(worker(3, 0), "no such file"))
            world.answerAll()
            world.take(.wait)
        }
        #expect(world.end == nil)
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.launch == World.first.begun(by: GenerationID(1)))
        #expect(world.faults == [])
    }

    @Test func nothingElseIsTakenMeanwhile() {
        var world = World.serving(policy: Self.alone)
        world.happen(.upgrade(world.request(), nil))
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, nil))
        #expect(
            world.answer(upgrade) == .refused("generation 1 is making room for the next one"))
    }

    @Test func aRollbackWhileTheOldWorkersStillServeLeavesThemAlone() {
        var world = World.serving(policy: Self.alone)
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, Launch(command: ["server"], workers: 1)))
        world.die(1, 0)
        let rollback = world.request()
        world.happen(.rollback(rollback))
        #expect(world.answer(upgrade) == .failed("cancelled by rollback"))
        #expect(world.answer(rollback) == .current(GenerationID(1)))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.target == target(1, [0, 1]))
        #expect(world.faults == [])
    }

    @Test(arguments: 0..<8)
    func aRollbackLaterBringsTheOldCommandBack(after answers: Int) throws {
        var world = World.serving(policy: Self.alone)
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, World.second))
        world.happen(.queuesEmpty(GenerationID(1)))
        for _ in 0..<answers where world.openRequests.contains(upgrade) {
            if let answer = world.answers.first {
                world.take(answer)
            }
        }
        let done = world.answer(upgrade) != nil
        let rollback = world.request()
        world.happen(.rollback(rollback))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.openRequests == [])
        #expect(world.machine.launch == World.first.begun(by: GenerationID(1)))
        let serving = try #require(world.machine.current)
        #expect(done ? serving == GenerationID(3) : serving > GenerationID(1))
        #expect(world.answer(rollback) == .current(serving))
        #expect(world.faults == [])
    }

    @Test(arguments: 0..<10, [false, true])
    func aStopMeanwhileLeavesNothing(after answers: Int, failing: Bool) {
        var world = World.serving(policy: Self.alone)
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, World.second))
        for number in 0..<answers {
            if failing, number > 2, let mishap = world.mishaps.first {
                world.take(mishap)
            } else if let answer = world.answers.first {
                world.take(answer)
            }
        }
        world.happen(.stop(world.request(), drain: true))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.end == .stopped)
        #expect(world.openRequests == [])
        #expect(world.faults == [])
    }

    @Test func aBankThatComesLateForACancelledUpgradeIsFreedAndNothingElse() {
        var world = World.serving()
        world.happen(.upgrade(world.request(), World.second))
        world.happen(.rollback(world.request()))
        let restart = world.request()
        world.happen(.restart(restart))
        world.happen(.queuesEmpty(GenerationID(1)))
        world.die(1, 0)
        world.die(1, 1)
        world.happen(.bankPrepared(GenerationID(2)))
        #expect(world.effects.contains(.freeBank(GenerationID(2))))
        #expect(world.machine.current == GenerationID(1))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.answer(restart) == .current(GenerationID(3)))
        #expect(world.faults == [])
    }
}
