import HandoverCore
import Testing

@Suite struct StartTests {
    @Test func theFirstGenerationIsCurrentOnceAllItsWorkersAreReady() {
        var world = World()
        world.happen(.start(World.first))
        #expect(world.effects.contains(.prepareBank(GenerationID(1), workers: 2)))
        world.happen(.bankPrepared(GenerationID(1)))
        #expect(world.effects == [.startWorker(worker(1, 0)), .startWorker(worker(1, 1))])
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.workerStarted(worker(1, 1)))
        world.happen(.workerReady(worker(1, 1)))
        #expect(world.machine.steering == nil)
        #expect(world.machine.current == nil)
        world.happen(.workerReady(worker(1, 0)))
        #expect(world.machine.current == GenerationID(1))
        #expect(world.target == target(1, [0, 1]))
        #expect(
            world.steps(1) == [
                .preparing(workers: 2), .started, .workerReady(1), .workerReady(0), .ready,
                .flipped(from: nil),
            ])
        #expect(world.machine.nextDeadline == nil)
        #expect(world.faults == [])
    }

    @Test func aFirstGenerationThatFailsEndsTheServiceWithNothingLeft() {
        var world = World()
        world.happen(.start(World.first))
        world.happen(.bankPrepared(GenerationID(1)))
        world.happen(.workerStarted(worker(1, 0)))
        world.happen(.workerStartFailed(worker(1, 1), "no such file"))
        #expect(world.effects.contains(.stopWorker(worker(1, 0))))
        world.answerAll()
        #expect(
            world.end
                == .failed(
                    "worker 1 could not be started: no such file"))
        #expect(world.effects.contains(.freeBank(GenerationID(1))))
        #expect(world.faults == [])
    }

    @Test func aFirstBankThatCannotBeHadEndsTheServiceAndIsNotFreed() {
        var world = World()
        world.happen(.start(World.first))
        world.happen(.bankFailed(GenerationID(1), "address in use"))
        #expect(world.end == .failed("address in use"))
        #expect(!world.log.contains(.freeBank(GenerationID(1))))
        #expect(world.faults == [])
    }

    @Test(arguments: [0, -1])
    func aLaunchWithoutWorkersIsRefused(workers: Int) {
        var world = World()
        world.happen(.start(Launch(command: ["server"], workers: workers)))
        #expect(world.end == .failed("at least one worker is needed, not \(workers)"))
    }

    @Test func onlyTheFirstStartCounts() {
        var world = World.serving()
        let before = world.machine
        world.happen(.start(World.second))
        #expect(world.effects == [])
        #expect(world.machine == before)
    }

    @Test func whatIsAskedBeforeTheStartIsRefused() {
        var world = World()
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, nil))
        let rollback = world.request()
        world.happen(.rollback(rollback))
        #expect(world.answer(upgrade) == .refused("the service has not been started"))
        #expect(world.answer(rollback) == .refused("the service has not been started"))
        let stop = world.request()
        world.happen(.stop(stop, drain: true))
        #expect(world.answer(stop) == .done)
        #expect(world.end == .stopped)
    }
}
