extension Machine {
    func position(_ id: GenerationID) -> Int? {
        generations.firstIndex { $0.id == id }
    }

    /// Where a worker is kept; nil for a generation no longer shown and for an index that is none of its.
    func position(_ id: WorkerID) -> (generation: Int, worker: Int)? {
        guard let place = position(id.generation),
            generations[place].workers.indices.contains(id.index)
        else { return nil }
        return (place, id.index)
    }

    /// The generation in state `current`; none before the first flip, while a generation makes room for
    /// the next one, and while the service ends.
    var currentPosition: Int? {
        generations.firstIndex { generation in
            switch generation.state {
            case .current: true
            case .preparing, .starting, .draining, .retiring, .failing, .yielding, .lending,
                .stopped, .failed:
                false
            }
        }
    }

    /// The generation that another one waits to inherit from.
    func lender(to heir: GenerationID) -> Int? {
        generations.firstIndex { generation in
            switch generation.state {
            case .lending(let lending): lending.heir == heir
            case .preparing, .starting, .current, .draining, .retiring, .failing, .yielding,
                .stopped, .failed:
                false
            }
        }
    }

    func workerID(_ place: Int, _ index: Int) -> WorkerID {
        WorkerID(generations[place].id, index)
    }

    /// Why nothing can be asked of the service now; nil while it runs.
    var notServing: String? {
        switch service {
        case .idle: "the service has not been started"
        case .running: nil
        case .stopping: "the service is being stopped"
        case .ended: "the service has ended"
        }
    }

    /// Why no handover can begin now: one is on its way to the flip.
    var handoverUnderWay: String? {
        for generation in generations {
            switch generation.state {
            case .preparing, .starting: return "generation \(generation.id) is still starting"
            case .yielding, .lending:
                return "generation \(generation.id) is making room for the next one"
            case .current, .draining, .retiring, .failing, .stopped, .failed: break
            }
        }
        return nil
    }
}
