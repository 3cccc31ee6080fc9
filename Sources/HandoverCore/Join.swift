extension Machine {
    /// Why nothing can be started where nobody here starts it.
    static let comeByThemselves = "its workers join by themselves: start newer ones"

    mutating func join(_ request: RequestID, _ launch: Launch, _ turn: inout Turn) {
        switch service {
        case .idle:
            if let fault = launch.fault {
                turn.answer(request, .refused(fault))
                return
            }
            turn.answer(request, .done)
            start(launch, &turn)
        case .running:
            let isForsaken = currentPosition.map { generations[$0].isForsaken } ?? false
            hand(over: request, to: launch, overlap: policy.overlap && !isForsaken, &turn)
        case .stopping, .ended: turn.answer(request, .refused(notServing ?? ""))
        }
    }

    /// Whether a generation of that group is on its way, or has a place that a worker may yet take.
    package func expects(group: String) -> Bool {
        generations.contains { generation in
            switch generation.state {
            case .preparing: return generation.launch.group == group
            case .starting, .current:
                return generation.launch.group == group
                    && generation.workers.contains { worker in
                        switch worker.state {
                        case .waiting, .spawning, .backingOff: true
                        case .starting, .ready, .stopping, .killed, .gone: false
                        }
                    }
            case .yielding(let yielding):
                switch yielding.heir {
                case .successor(let launch): return launch.group == group
                case .revival: return generation.launch.group == group
                }
            case .lending: return false
            case .draining, .retiring, .failing, .stopped, .failed: return false
            }
        }
    }

    /// How long a place waits for a worker to take it: in a generation that starts its siblings must
    /// come soon, else it is for its own system to start another.
    func joinLimit(_ place: Int, at now: Instant) -> Instant {
        switch generations[place].state {
        case .starting: now + policy.readyTimeout
        case .preparing, .current, .draining, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            now + .seconds(3_153_600_000)
        }
    }
}

extension Generation {
    /// Whether its workers come by themselves and none is there.
    var isForsaken: Bool {
        launch.isJoined
            && workers.allSatisfy { worker in
                switch worker.state {
                case .waiting, .spawning, .backingOff, .gone: true
                case .starting, .ready, .stopping, .killed: false
                }
            }
    }
}
