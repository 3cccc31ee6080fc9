import HandoverCore
import Testing

/// Generations whose workers nobody here starts.
@Suite struct JoinTests {
    private static let first = Launch(command: ["pod"], workers: 1, group: "a")
    private static let second = Launch(command: ["pod"], workers: 1, group: "b")

    private func joined(_ launch: Launch = first) -> World {
        var world = World()
        world.happen(.join(world.request(), launch))
        world.answerAll()
        return world
    }

    @Test func theFirstToComeIsTheFirstGeneration() {
        let world = joined()
        #expect(world.phase(1) == .current)
        #expect(world.openRequests.isEmpty)
        #expect(world.faults == [])
    }

    @Test func aNewerGroupIsAnUpgrade() {
        var world = joined()
        world.take(.newFlow)
        let request = world.request()
        world.happen(.join(request, Self.second))
        world.answerAll { $0.openRequests.contains(request) }
        #expect(world.answer(request) == .current(GenerationID(2)))
        #expect(world.phase(1) == .draining)
        #expect(world.flows == [worker(1, 0)])
        #expect(world.faults == [])
    }

    @Test func aPlaceThatNobodyTakesInTimeFailsAGenerationThatStarts() {
        var world = joined()
        let request = world.request()
        world.happen(
            .join(request, Launch(command: ["pod"], workers: 2, group: "b")))
        world.happen(.bankPrepared(GenerationID(2)))
        world.happen(.workerStarted(worker(2, 0)))
        world.happen(.workerReady(worker(2, 0)))
        world.wait(.seconds(31))
        world.answerAll()
        #expect(world.answer(request) == .failed("worker 1 was not ready in time"))
        #expect(world.phase(1) == .current)
        #expect(world.faults == [])
    }

    @Test func whenTheFirstOneFailsTheServiceWaitsForAnother() {
        var world = World()
        world.happen(.join(world.request(), Self.first))
        world.happen(.bankPrepared(GenerationID(1)))
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.workerExited(worker(1, 0), .lost))
        #expect(world.end == nil)
        #expect(world.machine.service == .idle)
        world.happen(.join(world.request(), Self.second))
        world.answerAll()
        #expect(world.phase(2) == .current)
        #expect(world.faults == [])
    }

    @Test func aDeadWorkersPlaceWaitsForAsLongAsItTakes() {
        var world = joined()
        world.take(.newFlow)
        world.die(1, 0)
        world.take(.wait)
        world.now = world.now + .seconds(100_000)
        world.happen(.tick)
        #expect(world.phase(1) == .current)
        #expect(world.flows == [worker(1, 0)])
        world.happen(.workerStarted(worker(1, 0)))
        #expect(world.machine.nextDeadline == world.now + .seconds(30))
        world.happen(.workerReady(worker(1, 0)))
        #expect(world.machine.generation(GenerationID(1))?.isWhole == true)
        #expect(world.faults == [])
    }

    @Test func whenTheNewerOnesHaveGoneTheOlderGenerationIsCurrentAgain() {
        var world = joined()
        world.take(.newFlow)
        let request = world.request()
        world.happen(.join(request, Self.second))
        world.answerAll { $0.openRequests.contains(request) }
        world.die(2, 0)
        world.waitForNobody(.seconds(29))
        #expect(world.phase(2) == .current)
        world.waitForNobody(.seconds(2))
        world.answerAll()
        #expect(world.phase(1) == .current)
        #expect(world.phase(2) == .stopped)
        #expect(
            world.machine.lastHandover?.outcome
                == .rolledBack(
                    reason:
                        "the workers of generation 2 have gone, and none has come within 30.0 seconds"
                ))
        #expect(world.faults == [])
    }

    @Test func whereTheOneBeforeHasEndedAnOlderOneThatDrainsIsAndTheHandoversKeepTheirNames() {
        var world = joined()
        world.take(.newFlow)
        for group in ["b", "c"] {
            let request = world.request()
            world.happen(.join(request, Launch(command: ["pod"], workers: 1, group: group)))
            world.answerAll { $0.openRequests.contains(request) }
        }
        for _ in 0..<100 where world.phase(2) != .stopped {
            world.answerAll()
            world.wait(.milliseconds(500))
        }
        #expect(world.phase(1) == .draining && world.phase(2) == .stopped)
        world.die(3, 0)
        world.waitForNobody(.seconds(31))
        #expect(world.phase(1) == .current)
        world.flows = []
        let calm = world.calmDown()
        #expect(calm)
        #expect(
            world.reports.map { [$0.from.number, $0.to.number] } == [[2, 3], [1, 2], [3, 1]])
        let reason = "the workers of generation 3 have gone, and none has come within 30.0 seconds"
        #expect(
            world.reports.map(\.outcome) == [
                .completed, .rolledBack(reason: "generation 1 is current again: \(reason)"),
                .completed,
            ])
        #expect(world.faults == [])
    }

    @Test func oneThatComesBackInTimeKeepsItsGenerationCurrent() {
        var world = joined()
        let request = world.request()
        world.take(.newFlow)
        world.happen(.join(request, Self.second))
        world.answerAll { $0.openRequests.contains(request) }
        world.die(2, 0)
        world.waitForNobody(.seconds(29))
        world.happen(.workerStarted(worker(2, 0)))
        world.happen(.workerReady(worker(2, 0)))
        world.wait(.seconds(31))
        #expect(world.phase(2) == .current)
        #expect(world.faults == [])
    }

    @Test(
        arguments: [
            { (request) in .join(request, Self.second) },
            { .upgrade($0, Launch(command: ["server"], workers: 1)) },
        ] as [@Sendable (RequestID) -> Event])
    func whatComesAfterAllHaveGoneTakesOverTheirQueues(event: @Sendable (RequestID) -> Event) {
        var world = joined()
        world.die(1, 0)
        world.take(.wait)
        let request = world.request()
        world.happen(event(request))
        world.answerAll()
        #expect(
            world.log.contains(
                .inheritBank(GenerationID(2), workers: 1, from: GenerationID(1))))
        #expect(world.answer(request) == .current(GenerationID(2)))
        #expect(world.faults == [])
    }

    /// A supervisor that died before it had told the process so.
    @Test func aSeatOfWhichItsWorkerNeverHeardIsFreeAgain() {
        var world = World()
        world.happen(.join(world.request(), Self.first))
        world.happen(.bankPrepared(GenerationID(1)))
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.seatNotTaken(worker(1, 0)))
        #expect(world.effects.contains(.startWorker(worker(1, 0))))
        #expect(world.phase(1) == .starting)
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.workerReady(worker(1, 0)))
        #expect(world.phase(1) == .current)
        #expect(world.faults == [])
    }

    @Test func aDrainingWorkerThatDiesIsNotWaitedFor() {
        var world = joined()
        world.take(.newFlow)
        world.happen(.join(world.request(), Self.second))
        world.answerAll { $0.phase(1) != .draining }
        world.happen(.workerExited(worker(1, 0), .lost, leavesQueue: true))
        #expect(world.flows == [worker(2, 0)])
        #expect(world.phase(1) == .stopped)
        #expect(world.faults == [])
    }

    @Test func nothingCanBeStartedAgainThatComesByItself() {
        var world = joined()
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, nil))
        #expect(
            world.answer(upgrade) == .refused("its workers join by themselves: start newer ones"))
        #expect(world.phase(1) == .current)
    }
}
