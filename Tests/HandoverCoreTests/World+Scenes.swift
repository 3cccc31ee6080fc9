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

    func phase(_ number: Int) -> GenerationPhase? {
        machine.generation(GenerationID(number))?.phase
    }

    /// The answer among the last effects.
    func answer(_ request: RequestID) -> Answer? {
        for effect in effects {
            switch effect {
            case .answer(request, let answer): return answer
            default: continue
            }
        }
        return nil
    }
}
