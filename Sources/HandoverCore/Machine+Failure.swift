extension Machine {
    /// A generation that is not current yet will not be. What it has is taken back; the answer comes
    /// when nothing of it is left.
    mutating func fail(
        _ place: Int, _ reason: String, bank: Failing.Bank, _ turn: inout Turn
    ) {
        let purpose: StartPurpose
        switch generations[place].state {
        case .preparing(let preparing): purpose = preparing.purpose
        case .starting(let starting): purpose = starting.purpose
        case .current, .draining, .retiring, .failing, .yielding, .lending, .stopped, .failed:
            return
        }
        var failing = Failing(
            reason: reason, handover: purpose.handover, bank: bank, sequel: .free)
        failing.handover?.outcome = .failed(reason: reason)
        switch purpose {
        case .first, .upgrade, .revival: break
        case .successor(_, let fallback):
            if notServing == nil {
                failing.sequel = .revive(fallback)
            }
        }
        generations[place].state = .failing(failing)
        turn.note(generations[place], .failing(reason: reason))
        stopWorkers(place, &turn)
    }

    /// Ends a failing generation once it has no worker and its bank is known to be there or not.
    mutating func settleFailing(_ place: Int, _ failing: Failing, _ turn: inout Turn) -> Bool {
        guard generations[place].isDeserted, failing.bank != .asked else { return false }
        let id = generations[place].id
        let end = Lending.End.failed(reason: failing.reason)
        switch failing.sequel {
        case .free:
            switch failing.bank {
            case .held: turn.emit(.freeBank(id))
            case .none:
                if let lender = lender(to: id) {
                    turn.emit(.freeBank(generations[lender].id))
                    dismissLender(to: id, &turn)
                }
            case .asked: break
            }
            generations[place].state = .failed(reason: failing.reason)
        case .revive:
            switch failing.bank {
            case .held:
                generations[place].state = .lending(Lending(end: end, heir: nextGeneration))
            case .none:
                if let lender = lender(to: id) {
                    redirectLender(lender, to: nextGeneration)
                }
                generations[place].state = .failed(reason: failing.reason)
            case .asked: break
            }
        }
        turn.note(generations[place], .failed(reason: failing.reason))
        if let handover = failing.handover {
            turn.answer(handover.request, .failed(failing.reason))
            report(handover, cutFlows: 0, &turn)
        }
        switch failing.sequel {
        case .free: break
        case .revive(let fallback): revive(fallback, &turn)
        }
        return true
    }

    /// Brings a stopped launch back on the bank that the next generation is to inherit.
    mutating func revive(_ fallback: Fallback, _ turn: inout Turn) {
        guard let lender = lender(to: nextGeneration) else { return }
        begin(
            fallback.launch, for: .revival, previous: fallback.previous,
            inheritingFrom: generations[lender].id, &turn)
    }

    /// The bank has gone to the heir: nothing is left of the generation that had it.
    mutating func dismissLender(to heir: GenerationID, _ turn: inout Turn) {
        guard let place = lender(to: heir) else { return }
        switch generations[place].state {
        case .lending(let lending):
            switch lending.end {
            case .stopped:
                generations[place].state = .stopped
                turn.note(generations[place], .stopped)
            case .failed(let reason): generations[place].state = .failed(reason: reason)
            }
        case .preparing, .starting, .current, .draining, .retiring, .failing, .yielding, .stopped,
            .failed:
            break
        }
    }

    private mutating func redirectLender(_ place: Int, to heir: GenerationID) {
        switch generations[place].state {
        case .lending(let lending):
            generations[place].state = .lending(Lending(end: lending.end, heir: heir))
        case .preparing, .starting, .current, .draining, .retiring, .failing, .yielding, .stopped,
            .failed:
            break
        }
    }
}
