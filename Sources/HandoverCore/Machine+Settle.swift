extension Machine {
    /// Takes every step that waits for nothing any more.
    mutating func settle(_ turn: inout Turn) {
        steer(&turn)
        // One generation's end may be what another one, before it in line, waits for.
        var moved = true
        while moved {
            moved = false
            for id in generations.map(\.id) {
                while let place = position(id), settle(place, &turn) {
                    moved = true
                }
            }
        }
        settleService(&turn)
    }

    /// True if the generation took a step.
    private mutating func settle(_ place: Int, _ turn: inout Turn) -> Bool {
        switch generations[place].state {
        case .draining(let draining):
            guard let cause = drainEnd(place, draining, at: turn.now) else { return false }
            retire(place, draining, cause, &turn)
            return true
        case .retiring(let retiring): return settleRetiring(place, retiring, &turn)
        case .failing(let failing): return settleFailing(place, failing, &turn)
        case .yielding(let yielding): return settleYielding(place, yielding, &turn)
        case .preparing, .starting, .current, .lending, .stopped, .failed: return false
        }
    }

    /// Tells where new flows go, if that has changed.
    mutating func steer(_ turn: inout Turn) {
        guard let target = steeringTarget, target != steering else { return }
        steering = target
        turn.emit(.steerNewFlows(to: target.generation, workers: target.workers))
    }

    /// Where new flows should go; nil where that stays as it is.
    private var steeringTarget: SteeringTarget? {
        for generation in generations {
            let ready = generation.readyIndexes
            switch generation.state {
            case .current:
                // With no worker alive they wait in the queues for the next one.
                let workers = ready.isEmpty ? generation.allIndexes : ready
                return SteeringTarget(generation: generation.id, workers: workers)
            case .draining(let draining):
                guard draining.errand == .serviceStop, !ready.isEmpty else { continue }
                return SteeringTarget(generation: generation.id, workers: ready)
            case .yielding(let yielding):
                return yieldingTarget(generation, yielding)
            case .preparing, .starting, .retiring, .failing, .lending, .stopped, .failed: continue
            }
        }
        return nil
    }

    /// Only slots that the next generation will have, too.
    private func yieldingTarget(
        _ generation: Generation, _ yielding: Yielding
    ) -> SteeringTarget? {
        switch (yielding.heir, yielding.step) {
        case (.successor(let launch), .emptying):
            let kept = generation.allIndexes.filter { $0 < launch.workers }
            let ready = kept.filter(generation.readyIndexes.contains)
            return SteeringTarget(generation: generation.id, workers: ready.isEmpty ? kept : ready)
        case (.successor, .stopping), (.revival, _): return nil
        }
    }
}
