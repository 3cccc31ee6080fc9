import HandoverCore
import TestSeeds
import Testing

/// STATES.md is what the machine does. Every world checks that what it does is drawn.
@Suite struct StateDiagramTests {
    /// Ways that a walk seldom takes, for two workers that may not overlap with others.
    private static let rare: [@Sendable (inout World) -> Void] = [
        { world in
            world.happen(.start(World.first))
            world.happen(.bankPrepared(GenerationID(1)))
            world.happen(.workerReady(worker(1, 0)))
        },
        // A canary's check fails, and another one drops too much.
        { $0 = tried(World.checked, in: $0) { .checked($0, step: 0, failure: "slow") } },
        { $0 = tried(World.counted, in: $0) { .dropsSeen($0, total: 100) } },
        // A watch's check fails, and so it does, or too much is dropped, while a worker waits to be started again.
        { watched(&$0) },
        { watched(&$0, loses: worker(2, 0)) },
        { watched(&$0, loses: worker(2, 0), .dropsSeen(GenerationID(2), total: 100)) },
        // Told to stay while it makes room, one worker gone.
        { world in
            world.serve()
            world.happen(.upgrade(world.request(), World.second))
            world.die(1, 0)
            world.happen(.rollback(world.request()))
        },
        // A crash loop while another worker waits to be started again.
        { world in
            world.happen(.changePolicy(Policy()))
            world.serve()
            world.take(.newFlow)
            world.upgrade()
            world.die(2, 1)
            world.take(.wait)
            world.answerAll()
            world.die(2, 1)
            world.die(2, 0)
        },
        // A worker that reads its queue dies before it is ready.
        { world in
            world.happen(.changePolicy(Policy()))
            world.serve()
            world.take(.newFlow)
            world.upgrade()
            for _ in 0..<2 {
                world.happen(.workerExited(worker(1, 0), .lost, leavesQueue: true))
                world.happen(.workerStarted(worker(1, 0)))
            }
        },
        // Workers that joined have gone, and none comes back while the older generation drains.
        { world in
            let newer = world.joinTwice()
            world.answerAll { $0.openRequests.contains(newer) }
            world.die(2, 0)
            world.waitForNobody(.seconds(31))
        },
        // A supervisor dies before it has given a worker that joins its seat.
        { world in
            world.happen(.join(world.request(), Launch(command: ["pod"], workers: 1, group: "a")))
            world.happen(.bankPrepared(GenerationID(1)))
            world.happen(.workerStarted(worker(1, 0)))
            world.happen(.seatNotTaken(worker(1, 0)))
        },
        // The kernel refuses to steer away from one that makes room, of which a worker has just died.
        { world in
            world.serve()
            world.die(1, 1)
            world.happen(.upgrade(world.request(), World.second))
            world.happen(.steeringFailed(GenerationID(1), reason: "no memory"))
        },
        { world in
            world.serve()
            world.die(1, 1)
            world.happen(.upgrade(world.request(), World.second))
            world.happen(.resteeringFailed(GenerationID(1), reason: "no memory"))
        },
        // A replacement fails, and its revival does not get the bank any more.
        { world in
            world.serve()
            world.happen(.upgrade(world.request(), World.second))
            world.happen(.queuesEmpty(GenerationID(1)))
            world.die(1, 0)
            world.die(1, 1)
            world.happen(.bankPrepared(GenerationID(2)))
            world.happen(.workerStartFailed(worker(2, 0), "no such file"))
            world.happen(.workerStarted(worker(2, 1)))
            world.die(2, 1)
            world.happen(.stop(world.request(), drain: false))
            world.happen(.bankFailed(GenerationID(3), "no port"))
        },
        // One worker has just died and the other one says that it has failed: the one before is current again.
        { world in
            world.happen(.changePolicy(Policy()))
            world.serve()
            world.take(.newFlow)
            world.upgrade()
            world.die(2, 0)
            world.happen(.workerFailed(worker(2, 1), "no database"))
        },
        // The flip comes while a seat of the old group is free again.
        { world in
            world.joinTwice()
            world.happen(.bankPrepared(GenerationID(2)))
            world.happen(.workerStarted(worker(2, 0)))
            world.die(1, 0)
            world.take(.wait)
            world.happen(.workerReady(worker(2, 0)))
        },
    ]

    /// A canary in this world, to which something happens.
    private static func tried(
        _ plan: CanaryPlan?, in world: World, _ event: (GenerationID) -> Event
    ) -> World {
        var world = world
        world.happen(.changePolicy(Policy()))
        world.serve()
        world = World.canary(plan, over: world)
        world.waitForNobody(.seconds(10))
        world.happen(.dropsSeen(GenerationID(2), total: 0))
        world.happen(event(GenerationID(2)))
        return world
    }

    /// A watch in this world, to which something happens.
    private static func watched(
        _ world: inout World, loses dead: WorkerID? = nil,
        _ event: Event = .checked(GenerationID(2), step: 0, failure: "slow")
    ) {
        world.happen(.changePolicy(Policy()))
        world.serve()
        world.take(.newFlow)
        let request = world.request()
        world.happen(.upgrade(request, nil, watch: World.watch))
        world.answerAll { $0.machine.watchedID == nil }
        world.waitForNobody(.seconds(5))
        world.happen(.dropsSeen(GenerationID(2), total: 0))
        if let dead { world.die(dead.generation.number, dead.index) }
        world.happen(event)
    }

    @Test func everyEdgeThatIsDrawnIsTaken() {
        let taken = WaysTaken()
        var missing: Set<StateDiagram.Edge> = StateDiagram.drawn.edges
        #expect(missing.count > 80)
        for make in Self.rare {
            var world = World(policy: ExhaustiveTests.alone)
            world.ways = taken
            make(&world)
            #expect(world.faults == [])
        }
        missing.subtract(taken.edges)
        for scene in ExhaustiveTests.scenes where !missing.isEmpty {
            var world = scene.make()
            world.ways = taken
            var exploration = Exploration {
                ExhaustiveTests.choices($0, scene, asked: world.nextRequest)
            }
            exploration.explore(world, depth: 3)
            missing.subtract(taken.edges)
        }
        for seed: UInt64 in 1...20 where !missing.isEmpty {
            var random = SeededGenerator(seed: seed)
            var world = WalkTests.newWorld(&random)
            for _ in 1...2_000 {
                if world.end != nil {
                    world = WalkTests.newWorld(&random)
                }
                world.ways = taken
                world.take(WalkTests.choice(world, &random))
                world.log = []
            }
            missing.subtract(taken.edges)
        }
        #expect(missing.sorted() == [])
    }

    @Test func aTransitionThatIsNotDrawnIsNoticed() {
        let diagram = StateDiagram.drawn
        func way(_ from: String, _ event: String, _ to: String) -> [StateDiagram.Edge]? {
            diagram.way(
                of: Transition(subject: .generation, from: from, event: event, to: to))
        }
        #expect(way("starting", "workerReady", "current")?.count == 1)
        #expect(way("starting", "workerExited", "failed")?.count == 2)
        #expect(way("starting", "flowsCounted", "current") == nil)
        #expect(way("retiring", "rollback", "current") == nil)
        #expect(way("stopped", "start", "starting") == nil)
    }
}

extension World {
    /// A group of one worker serves, and another one begins to join.
    ///
    /// - Returns: the second one's request.
    @discardableResult
    fileprivate mutating func joinTwice() -> RequestID {
        happen(.changePolicy(Policy()))
        happen(.join(request(), Launch(command: ["pod"], workers: 1, group: "a")))
        answerAll()
        take(.newFlow)
        let newer = request()
        happen(.join(newer, Launch(command: ["pod"], workers: 1, group: "b")))
        return newer
    }

    fileprivate mutating func serve() {
        happen(.start(World.first))
        _ = calmDown()
    }
}
