extension Machine {
    /// The generation that new flows go to or wait for; nil before the first flip and at the end.
    package var current: GenerationID? {
        generations.last { generation in
            switch generation.state {
            case .current: true
            case .draining(let draining): draining.errand == .serviceStop
            case .retiring(let retiring): retiring.errand == .serviceStop
            case .yielding, .lending: true
            case .starting(let starting): starting.purpose.takesBankOver
            case .failing(let failing): failing.bank == .held && failing.sequel != .free
            case .preparing, .stopped, .failed: false
            }
        }?.id
    }

    /// The generation of that number, while it is shown.
    package func generation(_ id: GenerationID) -> Generation? {
        generations.first { $0.id == id }
    }

    /// What `upgrade` without a command starts again; nil before the start.
    package var launch: Launch? {
        current.flatMap(generation)?.launch ?? generations.last?.launch
    }

    /// The handovers under way, oldest first.
    package var handovers: [Handover] {
        generations.compactMap(\.handover)
    }
}
