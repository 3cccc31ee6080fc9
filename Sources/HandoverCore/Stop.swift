extension Machine {
    mutating func stop(_ request: RequestID?, drain: Bool, _ turn: inout Turn) {
        var requests = request.map { [$0] } ?? []
        switch service {
        case .idle:
            turn.answer(request, .done)
            end(.stopped, &turn)
            return
        case .ended:
            turn.answer(request, .done)
            return
        case .running: service = .stopping(requests)
        case .stopping(let earlier):
            requests = earlier + requests
            service = .stopping(requests)
        }
        for place in generations.indices {
            stopGeneration(place, drain: drain, &turn)
        }
    }

    private mutating func stopGeneration(_ place: Int, drain: Bool, _ turn: inout Turn) {
        let reason = "the service is being stopped"
        switch generations[place].state {
        case .preparing(let preparing):
            switch preparing.bank {
            case .asked: fail(place, reason, bank: .asked, &turn)
            case .retry: fail(place, reason, bank: .none, &turn)
            }
        case .starting: fail(place, reason, bank: .held, &turn)
        case .current:
            if drain {
                self.drain(place, .serviceStop, turn)
                announceDrain(place, revivingDead: true, &turn)
            } else {
                halt(place, Retiring(errand: .serviceStop, step: .stopping, cut: .nothing), &turn)
                turn.note(generations[place], .retiring(.serviceStop))
            }
        case .draining(let draining):
            if drain {
                bound(place, draining, turn)
            } else {
                cutShort(place, draining, &turn)
            }
        case .retiring(let retiring):
            if !drain {
                halt(place, retiring, &turn)
            }
        case .failing(var failing):
            failing.sequel = .free
            generations[place].state = .failing(failing)
        case .yielding(let yielding):
            fail(yielding.handover, reason, &turn)
            halt(place, Retiring(errand: .serviceStop, step: .stopping, cut: .nothing), &turn)
        case .lending, .stopped, .failed: break
        }
    }

    /// No drain may outlast the one that the service's end began.
    private mutating func bound(_ place: Int, _ draining: Draining, _ turn: Turn) {
        guard let timeout = policy.drainTimeout, draining.errand != .serviceStop else { return }
        var draining = draining
        draining.deadline = min(draining.deadline ?? turn.now + timeout, turn.now + timeout)
        generations[place].state = .draining(draining)
    }

    private mutating func cutShort(_ place: Int, _ draining: Draining, _ turn: inout Turn) {
        var retiring = Retiring(
            errand: draining.errand, step: .stopping, cut: .flows(draining.flows?.confirmed ?? 0))
        retiring.errand.change { $0.end(\.drain, at: turn.now) }
        halt(place, retiring, &turn)
        turn.note(generations[place], .retiring(.serviceStop))
    }

    /// Ends the service once nothing of any generation is left.
    mutating func settleService(_ turn: inout Turn) {
        guard generations.allSatisfy(\.isOver) else { return }
        switch service {
        case .idle, .ended: break
        case .running:
            if generations.last?.launch.isJoined ?? false, steering == nil {
                // Nothing ever served: the next one that comes is the first again.
                service = .idle
                return
            }
            end(.failed(generations.last?.failure ?? "no generation is left"), &turn)
        case .stopping(let requests):
            for request in requests {
                turn.answer(request, .done)
            }
            end(.stopped, &turn)
        }
    }

    mutating func end(_ end: ServiceEnd, _ turn: inout Turn) {
        service = .ended(end)
        turn.emit(.ended(end))
    }
}

/// Why a service is over.
package enum ServiceEnd: Hashable, Codable, Sendable {
    case stopped
    /// The first generation never got ready.
    case failed(String)
}
