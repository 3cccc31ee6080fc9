import HandoverCore
import Testing

@Suite struct StopTests {
    @Test func aStopWithoutADrainStopsEverythingAtOnce() {
        var world = World.draining()
        let request = world.request()
        world.happen(.stop(request, drain: false))
        for generation in 1...2 {
            for index in 0..<2 {
                #expect(world.effects.contains(.stopWorker(worker(generation, index))))
            }
        }
        #expect(world.answer(request) == nil)
        world.answerAll()
        #expect(world.answer(request) == .done)
        #expect(world.end == .stopped)
        #expect(world.reports.map(\.cutFlows) == [0])
        #expect(world.faults == [])
    }

    @Test func aDrainingStopKeepsTheGenerationUntilItsFlowsEnd() {
        var world = World.serving()
        world.take(.newFlow)
        let request = world.request()
        world.happen(.stop(request, drain: true))
        #expect(world.phase(1) == .draining)
        #expect(world.machine.current == GenerationID(1))
        #expect(world.effects.contains(.tellDraining(GenerationID(1))))
        world.take(.newFlow)
        world.wait(.seconds(10))
        #expect(world.phase(1) == .draining)
        world.flows = []
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.end == .stopped)
        #expect(world.answer(request) == .done)
        #expect(!world.log.contains(.resteer(GenerationID(1))))
        #expect(world.faults == [])
    }

    @Test func aDrainingStopEndsAtTheDeadline() {
        var policy = Policy()
        policy.drainTimeout = .seconds(5)
        var world = World.draining(policy: policy)
        world.take(.newFlow)
        world.happen(.stop(nil, drain: true))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.end == .stopped)
        #expect(world.faults == [])
    }

    @Test(arguments: [nil, Duration.seconds(3600), .seconds(2)])
    func theDrainOfAStopHasALimitOfItsOwn(_ drainTimeout: Duration?) {
        var policy = Policy()
        policy.drainTimeout = drainTimeout
        policy.stopDrainTimeout = .seconds(30)
        var world = World.draining(policy: policy)
        let begin = world.now
        world.happen(.stop(nil, drain: true))
        for generation in 1...2 {
            let deadline = world.machine.generation(GenerationID(generation))?.drainDeadline
            #expect(deadline == begin + min(drainTimeout ?? .seconds(30), .seconds(30)))
        }
        #expect(world.faults == [])
    }

    @Test func noOlderDrainOutlastsADrainingStop() {
        var policy = Policy()
        policy.drainTimeout = .seconds(5)
        var world = World.draining(policy: policy)
        world.happen(
            .changeDrain(world.request(), GenerationID(1), within: .seconds(1000)))
        let begin = world.now
        world.happen(.stop(nil, drain: true))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.end == .stopped)
        #expect(world.now - begin < .seconds(10))
        #expect(world.faults == [])
    }

    @Test func theGenerationThatGetsNewFlowsGoesLast() {
        var world = World.draining()
        world.happen(.stop(nil, drain: true))
        world.wait(.seconds(20))
        #expect(world.phase(1) == .draining)
        #expect(world.phase(2) == .draining)
        world.take(.flowEnds(0))
        let calm = world.calmDown()
        #expect(calm)
        let freed = world.log.compactMap { effect in
            switch effect {
            case .freeBank(let id): id.number
            default: nil
            }
        }
        #expect(freed == [1, 2])
        #expect(world.faults == [])
    }

    @Test func aSecondStopSpeedsTheFirstOneUp() {
        var world = World.draining()
        let first = world.request()
        world.happen(.stop(first, drain: true))
        let second = world.request()
        world.happen(.stop(second, drain: false))
        world.answerAll()
        #expect(world.answer(first) == .done)
        #expect(world.answer(second) == .done)
        #expect(world.end == .stopped)
        #expect(world.faults == [])
    }

    @Test(arguments: [0, 1, 2, 3], [false, true])
    func aStopAbortsAGenerationThatStarts(after answers: Int, drain: Bool) {
        var world = World.serving()
        let upgrade = world.request()
        world.happen(.upgrade(upgrade, World.second))
        for _ in 0..<answers {
            if let answer = world.answers.first {
                world.take(answer)
            }
        }
        world.happen(.stop(world.request(), drain: drain))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.answer(upgrade) == .failed("the service is being stopped"))
        #expect(world.end == .stopped)
        #expect(world.faults == [])
    }

    @Test func whileTheServiceStopsNothingElseIsTaken() {
        var world = World.serving()
        world.take(.newFlow)
        world.happen(.stop(nil, drain: true))
        for event in [Event.upgrade, Event.asRestart, Event.asRollback] {
            let request = world.request()
            world.happen(event(request))
            #expect(world.answer(request) == .refused("the service is being stopped"))
        }
        world.happen(.stop(nil, drain: false))
        world.answerAll()
        let late = world.request()
        world.happen(Event.upgrade(late))
        #expect(world.answer(late) == .refused("the service has ended"))
        let stop = world.request()
        world.happen(.stop(stop, drain: true))
        #expect(world.answer(stop) == .done)
        #expect(world.faults == [])
    }

    @Test func aServiceWhoseWorkersAllDieWhileItStopsIsOver() {
        var world = World.serving()
        world.take(.newFlow)
        world.happen(.stop(nil, drain: true))
        world.die(1, 0)
        #expect(world.target == target(1, [1]))
        #expect(world.end == nil)
        world.die(1, 1)
        #expect(world.end == .stopped)
        #expect(world.faults == [])
    }
}

extension Event {
    fileprivate static func upgrade(_ request: RequestID) -> Event { .upgrade(request, nil) }
    fileprivate static func asRestart(_ request: RequestID) -> Event { .restart(request) }
    fileprivate static func asRollback(_ request: RequestID) -> Event { .rollback(request) }
}
