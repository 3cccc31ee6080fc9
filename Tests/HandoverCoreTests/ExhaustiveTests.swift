import HandoverCore
import Testing

/// Every order of events to depth 6, or 5 where there are very many, from each place that a service can be in.
@Suite struct ExhaustiveTests {
    /// A place to begin at, and what may be asked from there on.
    struct Scene: Sendable, CustomTestStringConvertible {
        let name: String
        var requests = everything
        /// Whether workers tell how many sessions they have.
        var counts = false
        /// Whether the operator's limits change.
        var changesLimits = false
        /// Whether clients connect, and connections end.
        var connects = false
        /// Whether the kernel refuses to steer.
        var refuses = false
        var depth = 6
        let make: @Sendable () -> World
        var testDescription: String { name }
    }

    typealias Request = @Sendable (RequestID) -> Event
    private static let upgrade: Request = { .upgrade($0, nil) }
    private static let join: Request = {
        .join($0, Launch(command: ["pod"], workers: 1, group: "b"))
    }
    private static let rollback: Request = { .rollback($0) }
    private static let promote: Request = { .promote($0, full: false) }
    private static let full: Request = { .promote($0, full: true) }
    private static let hold: Request = { .hold($0) }
    private static let abort: Request = { .abort($0) }
    private static let restart: Request = { .restart($0) }
    private static let drainingStop: Request = { .stop($0, drain: true) }
    private static let stop: Request = { .stop($0, drain: false) }
    static let everything = [upgrade, rollback, restart, drainingStop, stop]

    private static let one = Launch(command: ["server"], workers: 1)

    static var alone: Policy {
        var policy = Policy()
        policy.overlap = false
        return policy
    }

    /// Short ones, the usual ones, and no overlap.
    private static var limits: [Policy] {
        var hasty = Policy()
        hasty.drainTimeout = .zero
        hasty.readyTimeout = .zero
        hasty.linger = .zero
        hasty.stopTimeout = .zero
        hasty.crashLimit = 1
        return [hasty, Policy(), alone]
    }

    static let scenes: [Scene] = [
        Scene(name: "not started") { World() },
        Scene(name: "serving") { World.serving(one) },
        Scene(name: "two workers serving") { World.serving() },
        Scene(name: "an upgrade begun") {
            var world = World.serving(one)
            world.happen(.upgrade(world.request(), one))
            return world
        },
        Scene(
            name: "a canary", requests: [promote, hold, abort, rollback, stop], refuses: true
        ) { World.canary(World.canary) },
        Scene(name: "a canary that is checked", requests: [promote, hold, abort]) {
            World.canary(World.checked)
        },
        Scene(name: "a canary that may drop some", requests: [promote, hold, abort]) {
            World.canary(World.counted)
        },
        Scene(
            name: "a watch", requests: [promote, abort, rollback, stop], refuses: true, depth: 5
        ) { World.watched(World.watch) },
        Scene(name: "a dry run that is checked", requests: [rollback, stop]) {
            var world = World.serving(one)
            world.happen(.upgrade(world.request(), nil, dryRun: DryRun(check: ["check"])))
            world.answerAll { $0.checks.isEmpty }
            return world
        },
        Scene(
            name: "a canary that waits, beside one that drains",
            requests: [promote, full, abort, drainingStop], depth: 5
        ) { World.canary(World.byHand, over: World.draining(workers: 1)) },
        Scene(name: "draining") { World.draining(workers: 1) },
        Scene(name: "draining, and the kernel refuses", requests: [rollback, stop], refuses: true) {
            World.draining(workers: 1)
        },
        Scene(
            name: "an upgrade begun while draining", requests: [rollback, stop], refuses: true
        ) {
            var world = World.draining(workers: 1)
            world.happen(.upgrade(world.request(), one))
            world.answerAll { !$0.children.keys.contains(worker(3, 0)) }
            return world
        },
        Scene(name: "rolled back", requests: [upgrade, rollback]) {
            var world = World.draining(workers: 1)
            world.happen(.rollback(world.request()))
            return world
        },
        Scene(name: "two crashes after the flip", requests: [upgrade, rollback]) {
            var world = World.draining(workers: 1)
            for _ in 0..<2 {
                world.die(2, 0)
                world.take(.wait)
                world.answerAll()
            }
            return world
        },
        Scene(name: "retiring", requests: [rollback, drainingStop]) {
            var world = World.draining(workers: 1)
            world.happen(.workerDrained(worker(1, 0)))
            return world
        },
        Scene(name: "draining, with sessions told", requests: [rollback, stop], counts: true) {
            var world = World.draining(workers: 1)
            world.happen(.workerSessions(worker(1, 0), 1))
            return world
        },
        Scene(name: "draining, with connections", requests: [rollback, stop], connects: true) {
            var world = World.serving(one)
            world.take(.connects)
            world.upgrade(one)
            return world
        },
        Scene(
            name: "an upgrade begun, limits change", requests: [rollback, drainingStop],
            changesLimits: true
        ) {
            var world = World.serving(one)
            world.happen(.upgrade(world.request(), one))
            return world
        },
        Scene(name: "draining, limits change", requests: [upgrade, stop], changesLimits: true) {
            World.draining(workers: 1)
        },
        Scene(name: "joined", requests: [join, rollback, upgrade, restart, drainingStop]) {
            World.serving(Launch(command: ["pod"], workers: 1, group: "a"))
        },
        Scene(name: "joined and forsaken", requests: [join, stop]) {
            var world = World.serving(Launch(command: ["pod"], workers: 1, group: "a"))
            world.die(1, 0)
            world.take(.wait)
            return world
        },
        Scene(name: "joined, draining", requests: [join, rollback]) {
            var world = World.serving(Launch(command: ["pod"], workers: 2, group: "a"))
            world.take(.newFlow)
            world.die(1, 1)
            world.take(.wait)
            world.happen(
                .join(world.request(), Launch(command: ["pod"], workers: 1, group: "b")))
            world.answerAll()
            return world
        },
        Scene(name: "nothing has joined", requests: [join, stop]) { World() },
        Scene(name: "a restart begun") {
            var world = World.serving(one)
            world.happen(.restart(world.request()))
            return world
        },
        Scene(name: "inheriting") {
            var world = World.serving(one, policy: alone)
            world.happen(.upgrade(world.request(), one))
            world.happen(.queuesEmpty(GenerationID(1)))
            world.die(1, 0)
            return world
        },
        Scene(name: "stopping") {
            var world = World.draining(workers: 1)
            world.happen(.stop(world.request(), drain: true))
            return world
        },
    ]

    /// At most one more request, so that the depth is spent on what comes of it.
    static func choices(
        _ world: World, _ scene: Scene, asked: Int
    ) -> [World.Choice] {
        var choices = world.answers + world.mishaps + world.drainings
        if scene.counts { choices += world.countings }
        if scene.changesLimits { choices += limits.map { .event(.changePolicy($0)) } }
        if world.machine.nextDeadline != nil {
            choices.append(.wait)
        }
        switch world.machine.service {
        case .idle: choices.append(.event(.start(one)))
        case .running, .stopping, .ended: break
        }
        if world.nextRequest == asked {
            choices += world.requests(scene.requests)
        }
        if !world.flows.isEmpty {
            choices.append(.flowEnds(0))
        }
        if scene.refuses { choices += world.refusals }
        if scene.connects { choices += [.connects] + world.disconnections }
        return choices
    }

    @Test(arguments: scenes)
    func noOrderOfEventsBreaksARule(scene: Scene) {
        let world = scene.make()
        var coded = CodedForm()
        var exploration = Exploration {
            Self.choices($0, scene, asked: world.nextRequest)
        } check: {
            coded.fault(of: $0.machine)
        }
        exploration.explore(world, depth: scene.depth)
        #expect(exploration.fault == nil)
        #expect(exploration.steps > 100)
    }

    @Test func anUpgradeThatFailsLeavesTheStateAsItWas() {
        var world = World.draining(workers: 1)
        world.answerAll()
        let before = world.machine
        world.happen(.upgrade(world.request(), Self.one))
        var failures = 0
        var exploration = Exploration { world in
            (world.answers + world.mishaps + world.failings).filter { Self.isAbout(3, $0) }
                + (world.openRequests.isEmpty ? [] : world.requests([Self.rollback]))
        } check: { world in
            guard world.phase(3) == .failed, world.children.count == 2, world.banks.count == 2,
                world.bankAsks.isEmpty
            else { return nil }
            failures += 1
            var after = world.machine.generations
            after.removeLast()
            let same =
                after == before.generations && world.machine.steering == before.steering
                && world.machine.service == before.service && world.openRequests.isEmpty
            return same ? nil : "something changed"
        }
        exploration.explore(world, depth: 8)
        #expect(exploration.fault == nil)
        #expect(failures > 3)
    }

    /// Whether a choice is about nothing but that generation.
    private static func isAbout(_ number: Int, _ choice: World.Choice) -> Bool {
        let id = GenerationID(number)
        switch choice {
        case .event(.bankPrepared(id)), .event(.bankFailed(id, _)): return true
        case .event(.workerStarted(let worker)), .event(.workerStartFailed(let worker, _)),
            .event(.workerReady(let worker)), .event(.workerFailed(let worker, _)),
            .event(.workerExited(let worker, _, _)):
            return worker.generation == id
        default: return false
        }
    }
}
