extension Machine {
    /// Ends a drain: what is left moves on, and the workers read what they have been sent already.
    mutating func retire(
        _ place: Int, _ draining: Draining, _ cause: RetireCause, _ turn: inout Turn
    ) {
        let id = generations[place].id
        var retiring = Retiring(errand: draining.errand, step: .stopping, cut: .nothing)
        retiring.errand.change { $0.end(\.drain, at: turn.now) }
        switch retiring.errand {
        case .handover:
            if cause == .deadline {
                // The newest count may be a second old; this one's answer comes from before the re-steer.
                turn.emit(.countFlows(id))
                retiring.cut = .flows(
                    max(draining.flows?.confirmed ?? 0, generations[place].sessions))
            }
            turn.emit(.resteer(id))
        case .serviceStop: break
        }
        if !generations[place].isDeserted {
            retiring.step = .emptying(until: turn.now + policy.emptyTimeout)
            turn.emit(.watchQueues(id))
        }
        generations[place].state = .retiring(retiring)
        turn.note(generations[place], .retiring(cause))
    }

    mutating func queuesEmpty(_ id: GenerationID, _ turn: inout Turn) {
        guard let place = position(id) else { return }
        switch generations[place].state {
        case .retiring(var retiring):
            switch retiring.step {
            case .emptying:
                retiring.step = .lingering(until: turn.now + policy.linger)
                generations[place].state = .retiring(retiring)
            case .lingering, .stopping: break
            }
        case .yielding(let yielding):
            switch yielding.step {
            case .emptying: stopYielding(place, yielding, &turn)
            case .stopping: break
            }
        case .preparing, .starting, .current, .draining, .failing, .lending, .stopped, .failed:
            break
        }
    }

    /// Goes on to stop a retiring generation if the time for what it does now is over.
    mutating func stopIfDue(_ place: Int, _ retiring: Retiring, _ turn: inout Turn) -> Bool {
        switch retiring.step {
        case .emptying(let until):
            guard until <= turn.now else { return false }
            turn.note(generations[place], .queuesNotEmptied)
        case .lingering(let until):
            guard until <= turn.now else { return false }
        case .stopping: return false
        }
        halt(place, retiring, &turn)
        return true
    }

    /// Stops what a retiring generation still runs.
    mutating func halt(_ place: Int, _ retiring: Retiring, _ turn: inout Turn) {
        var retiring = retiring
        retiring.step = .stopping
        generations[place].state = .retiring(retiring)
        stopWorkers(place, &turn)
    }

    /// Frees the bank of a retiring generation without workers, and says how the handover went.
    mutating func settleRetiring(_ place: Int, _ retiring: Retiring, _ turn: inout Turn) -> Bool {
        guard generations[place].isDeserted else { return false }
        turn.emit(.freeBank(generations[place].id))
        turn.note(generations[place], .stopped)
        generations[place].state = .stopped
        guard var handover = retiring.errand.handover else { return true }
        handover.end(\.retire, at: turn.now)
        switch retiring.cut {
        case .nothing: report(handover, cutFlows: 0, &turn)
        case .flows(let flows): report(handover, cutFlows: flows, &turn)
        }
        return true
    }
}
