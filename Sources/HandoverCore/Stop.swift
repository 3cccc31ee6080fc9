// The end of the service: after a drain, or at once.

/// Why a service is over.
package enum ServiceEnd: Hashable, Codable, Sendable {
    case stopped
    /// The first generation never got ready.
    case failed(String)
}

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
        case .running: break
        case .stopping(let earlier): requests = earlier + requests
        }
        if let watched = watchedIndex {
            endWatch(watched, .brokenOff(reason: "the service is being stopped"), &turn)
        }
        service = .stopping(requests)
        for index in generations.indices {
            stopGeneration(index, drain: drain, &turn)
        }
    }

    private mutating func stopGeneration(_ index: Int, drain: Bool, _ turn: inout Turn) {
        let reason = "the service is being stopped"
        switch generations[index].state {
        case .preparing: fail(index, reason, bank: .asked, &turn)
        case .starting: fail(index, reason, bank: .held, &turn)
        case .reviving(let reviving):
            fail(index, reason, bank: reviving.retryAt == nil ? .asked : .none, &turn)
        case .trial(let trial):
            if drain {
                _ = abortTrial(reason, &turn)
                if let draining = generations[index].draining { limit(index, draining, turn) }
            } else {
                let handover = aborted(trial, index, reason, &turn)
                halt(index, Retiring(reason: .handover(handover), step: .stopping), &turn)
                turn.note(generations[index], .retiring(.serviceStop))
            }
        case .current:
            if drain {
                self.drain(index, .serviceStop, turn)
                announceDrain(index, revivingDead: true, &turn)
            } else {
                halt(index, Retiring(reason: .serviceStop, step: .stopping), &turn)
                turn.note(generations[index], .retiring(.serviceStop))
            }
        case .draining(let draining):
            if drain {
                limit(index, draining, turn)
            } else {
                cutShort(index, draining, &turn)
            }
        case .retiring(let retiring):
            if !drain {
                halt(index, retiring, &turn)
            }
        case .failing: generations[index].failing?.sequel = .free
        case .makingRoom(let makingRoom):
            fail(makingRoom.handover, reason, &turn)
            halt(index, Retiring(reason: .serviceStop, step: .stopping), &turn)
        case .holdingBank, .stopped, .failed: break
        }
    }

    /// No drain may last longer than the one that the end of the service begins.
    private mutating func limit(_ index: Int, _ draining: Draining, _ turn: Turn) {
        guard let timeout = policy.drainTimeoutAtStop, draining.reason != .serviceStop else {
            return
        }
        let latest = turn.now + timeout
        generations[index].draining?.deadline = min(draining.deadline ?? latest, latest)
    }

    private mutating func cutShort(_ index: Int, _ draining: Draining, _ turn: inout Turn) {
        var retiring = Retiring(
            reason: draining.reason, step: .stopping, cutFlows: draining.flows?.confirmed ?? 0,
            cutOutside: draining.outside ?? OutsideCount())
        retiring.reason.handover?.end(\.drain, at: turn.now)
        halt(index, retiring, &turn)
        turn.note(generations[index], .retiring(.serviceStop))
    }

    /// Ends the service once nothing of any generation is left.
    mutating func settleService(_ turn: inout Turn) {
        guard generations.allSatisfy(\.isOver) else { return }
        switch service {
        case .idle, .ended: break
        case .running:
            if generations.last?.launch.isJoined ?? false, steering == nil {
                // Nothing ever served: the next worker that joins is the first again.
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
