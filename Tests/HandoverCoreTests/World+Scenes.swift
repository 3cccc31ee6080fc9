import HandoverCore

extension World {
    static let first = Launch(command: ["server", "1"], workers: 2)
    static let second = Launch(command: ["server", "2"], workers: 2)

    /// A service whose first generation is current.
    static func serving(_ launch: Launch = first, policy: Policy = Policy()) -> World {
        var world = World(policy: policy)
        world.happen(.start(launch))
        _ = world.calmDown()
        return world
    }

    /// One with a second generation current and the first draining with a flow.
    static func draining(policy: Policy = Policy(), workers: Int = 2) -> World {
        var world = serving(Launch(command: ["server", "1"], workers: workers), policy: policy)
        world.take(.newFlow)
        world.upgrade(Launch(command: ["server", "2"], workers: workers))
        return world
    }

    /// One with a second generation that has a share of the clients, and a flow.
    static func canary(
        _ plan: CanaryPlan?, over world: World = serving(Launch(command: ["server"], workers: 1))
    ) -> World {
        var world = world
        world.happen(.upgrade(world.request(), nil, canary: plan))
        world.answerAll { world in !world.machine.generations.contains { $0.phase == .canary } }
        world.take(.newFlow)
        world.log = []
        return world
    }

    /// One with a second generation that is watched, and the first draining with a flow.
    static func watched(_ plan: WatchPlan?, workers: Int = 1) -> World {
        var world = serving(Launch(command: ["server"], workers: workers))
        world.take(.newFlow)
        world.happen(.upgrade(world.request(), nil, watch: plan))
        world.answerAll { world in world.machine.watchedID == nil }
        world.log = []
        return world
    }

    /// Asks for an upgrade and answers honestly until it is current, not longer.
    mutating func upgrade(_ launch: Launch? = second) {
        let id = request()
        happen(.upgrade(id, launch))
        answerAll { $0.openRequests.contains(id) }
    }

    /// Answers honestly while that holds, without letting time pass.
    mutating func answerAll(while holds: (World) -> Bool = { _ in true }) {
        while holds(self), let answer = answers.first {
            take(answer)
        }
    }

    mutating func wait(_ time: Duration) {
        let end = now + time
        while let deadline = machine.nextDeadline, deadline <= end {
            now = deadline
            happen(.tick)
            answerAll()
        }
        now = end
        happen(.tick)
    }

    /// Waits while nothing that was asked for is answered.
    mutating func waitForNobody(_ time: Duration) {
        let end = now + time
        while let deadline = machine.nextDeadline, deadline <= end {
            now = deadline
            happen(.tick)
        }
        now = end
    }

    func phase(_ number: Int) -> GenerationPhase? {
        machine.generation(GenerationID(number))?.phase
    }

    /// What a request was told.
    func answer(_ request: RequestID) -> Answer? {
        for effect in log {
            switch effect {
            case .answer(request, let answer): return answer
            default: continue
            }
        }
        return nil
    }

    /// The steps of a generation.
    func steps(_ number: Int) -> [ProgressStep] {
        log.compactMap { effect in
            switch effect {
            case .progress(let progress):
                progress.generation == GenerationID(number) ? progress.step : nil
            default: nil
            }
        }
    }

    /// The reports of handovers that ended.
    var reports: [HandoverReport] {
        log.compactMap { effect in
            switch effect {
            case .handoverEnded(let report): report
            default: nil
            }
        }
    }

    /// A worker's process ends in a way of its own.
    mutating func die(_ generation: Int, _ index: Int) {
        happen(.workerExited(worker(generation, index), .killed(signal: 9)))
    }

    func state(_ generation: Int, _ index: Int) -> WorkerState? {
        machine.generation(GenerationID(generation))?.workers[index].state
    }
}

func worker(_ generation: Int, _ index: Int) -> WorkerID {
    WorkerID(GenerationID(generation), index)
}

func target(_ generation: Int, _ workers: [Int]) -> SteeringTarget {
    SteeringTarget(generation: GenerationID(generation), workers: workers)
}
