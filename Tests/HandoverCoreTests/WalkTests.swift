import HandoverCore
import TestSeeds
import Testing

@Suite struct WalkTests {
    private static let stepsInAWalk = 10_000

    /// Requests, deaths, delays, noise, new limits and crashes of the supervisor in any order: no rule breaks, and left alone the service calms
    /// down every time.
    @Test(arguments: 1...12)
    func aLongWalkBreaksNoRule(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var coded = CodedForm()
        var world = Self.newWorld(&random)
        for step in 1...Self.stepsInAWalk {
            if world.end != nil {
                world = Self.newWorld(&random)
            }
            let choice = Self.choice(world, &random)
            if Int.random(in: 0..<30, using: &random) == 0 {
                world.crashAfter = Int.random(in: 1...6, using: &random)
            }
            if Int.random(in: 0..<100, using: &random) == 0 {
                var policy = Self.newPolicy(&random)
                // With no time to get ready a service that runs would never be whole again.
                policy.readyTimeout = max(policy.readyTimeout, .seconds(1))
                world.happen(.changePolicy(policy))
            }
            world.take(choice)
            world.crashAfter = nil
            world.log = []
            try #require(world.faults.isEmpty, "step \(step), \(choice): \(world.faults)")
            if step.isMultiple(of: 10) {
                let fault = coded.fault(of: world.machine)
                try #require(fault == nil, "step \(step), \(choice)")
            }
            if step.isMultiple(of: 250) {
                try Self.checkCalm(world, step)
            }
        }
    }

    private static func newPolicy(_ random: inout SeededGenerator) -> Policy {
        var policy = Policy()
        policy.overlap = Int.random(in: 0..<4, using: &random) > 0
        policy.drainTimeout = [nil, .zero, .seconds(20), .seconds(90)].randomElement(using: &random)
            .flatMap(\.self)
        policy.linger = [.zero, .milliseconds(250)].randomElement(using: &random) ?? .zero
        policy.readyTimeout = .seconds(Int.random(in: 0...30, using: &random))
        policy.stopTimeout = .seconds(Int.random(in: 0...10, using: &random))
        policy.drainWaitsFor = policy.drainWaitsFor.filter { _ in
            Int.random(in: 0..<8, using: &random) > 0
        }
        return policy
    }

    static func newWorld(_ random: inout SeededGenerator) -> World {
        var world = World(policy: newPolicy(&random))
        let workers = Int.random(in: 1...3, using: &random)
        world.happen(.start(Launch(command: ["server"], workers: workers)))
        return world
    }

    static func choice(_ world: World, _ random: inout SeededGenerator) -> World.Choice {
        let choices: [World.Choice]
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<55: choices = world.answers
        case 55..<62: choices = world.mishaps + world.failings + world.refusals
        case 62..<70: choices = [.newFlow, .newFlow, .newFlow, .connects]
        case 70..<76:
            choices = world.flows.indices.map(World.Choice.flowEnds) + world.disconnections
        case 76..<79: choices = world.drainings + world.countings
        case 79..<91: choices = [.wait]
        case 91..<94: choices = [.pause]
        case 94..<97: choices = noise(world)
        default:
            // A stop ends the walk's world, so it comes seldom.
            let stops = Int.random(in: 0..<8, using: &random) == 0
            let kinds = stops ? World.everyRequest : World.everyRequest.dropLast(2)
            choices = world.requests(Array(kinds))
        }
        return choices.randomElement(using: &random) ?? .wait
    }

    /// Events that come late, twice, or about nothing.
    private static func noise(_ world: World) -> [World.Choice] {
        var noise: [Event] = [
            .tick, .bankPrepared(GenerationID(0)), .bankFailed(GenerationID(0), "no such bank"),
            .workerExited(worker(0, 0), .lost), .workerReady(worker(0, 0)),
            .queuesEmpty(GenerationID(0)), .start(World.first),
        ]
        for generation in world.machine.generations {
            let out = WorkerID(generation.id, 99)
            noise += [
                .workerReady(out), .workerExited(out, .lost), .extendTimeout(out, .seconds(1)),
                .outsideCounted(GenerationID(0), OutsideCount(ports: 1)),
                .dropsCounted(generation.id, 1), .steered(generation.id, .microseconds(1)),
                .steered(generation.id, .microseconds(2)),
            ]
        }
        for (id, child) in world.sortedChildren {
            noise.append(.extendTimeout(id, .seconds(45)))
            if child.process == .ready {
                noise += [.workerReady(id), .workerStarted(id)]
            }
        }
        return noise.map(World.Choice.event)
    }

    private static func checkCalm(_ world: World, _ step: Int) throws {
        var rest = world
        rest.flows = []
        rest.outside = [:]
        for (id, child) in world.sortedChildren where child.sessions ?? 0 > 0 {
            rest.happen(.workerSessions(id, 0))
        }
        let calm = rest.calmDown()
        try #require(calm, "step \(step): it does not calm down")
        try #require(rest.openRequests.isEmpty, "step \(step): a request is not answered")
        try #require(rest.faults.isEmpty, "step \(step): \(rest.faults)")
    }
}
