extension Machine {
    /// Why the current generation gives way to an older one.
    enum RollbackCause {
        case asked(RequestID)
        case crashLoop
    }

    /// Cancels what is not current yet; else makes the generation that drains most recently current
    /// again; else starts the command before as an upgrade.
    mutating func rollBack(_ request: RequestID, _ turn: inout Turn) {
        if let refusal = notServing {
            turn.answer(request, .refused(refusal))
            return
        }
        if cancelHandover(request, &turn) { return }
        guard let place = currentPosition else {
            turn.answer(request, .refused("no generation is current"))
            return
        }
        if let old = rollbackTarget {
            flipBack(place, to: old, "asked for", .asked(request), &turn)
            turn.answer(request, .current(generations[old].id))
        } else if let previous = generations[place].previous {
            if previous.isJoined {
                turn.answer(request, .refused(Self.comeByThemselves))
                return
            }
            hand(over: request, to: previous, overlap: policy.overlap, &turn)
        } else {
            turn.answer(request, .nothingToRollBackTo)
        }
    }

    /// The whole generation that began to drain last.
    private var rollbackTarget: Int? {
        var best: (place: Int, began: Instant)?
        for (place, generation) in generations.enumerated() {
            switch generation.state {
            case .draining(let draining):
                if generation.isWhole, draining.began >= best?.began ?? draining.began {
                    best = (place, draining.began)
                }
            case .preparing, .starting, .current, .retiring, .failing, .yielding, .lending,
                .stopped, .failed:
                break
            }
        }
        return best?.place
    }

    /// Undoes a handover before its flip; false if there is none.
    private mutating func cancelHandover(_ request: RequestID, _ turn: inout Turn) -> Bool {
        for place in generations.indices {
            switch generations[place].state {
            case .preparing(let preparing):
                cancel(place, preparing.purpose, bank: .asked, request, &turn)
                return true
            case .starting(let starting):
                cancel(place, starting.purpose, bank: .held, request, &turn)
                return true
            case .yielding(let yielding):
                stay(place, yielding, request, &turn)
                return true
            case .current, .draining, .retiring, .failing, .lending, .stopped, .failed: break
            }
        }
        // Who asks now means the newest one, which has just failed by itself.
        guard let newest = generations.last?.state else { return false }
        switch newest {
        case .failing(let failing):
            guard failing.handover != nil else { return false }
            answerCancelled(request, &turn)
            return true
        case .preparing, .starting, .current, .draining, .retiring, .yielding, .lending, .stopped,
            .failed:
            return false
        }
    }

    private mutating func cancel(
        _ place: Int, _ purpose: StartPurpose, bank: Failing.Bank, _ request: RequestID,
        _ turn: inout Turn
    ) {
        switch purpose {
        case .first:
            turn.answer(request, .refused("the first generation is still starting"))
        case .revival:
            turn.answer(request, .refused("the command before is being started again"))
        case .upgrade, .successor:
            fail(place, Self.cancelled, bank: bank, &turn)
            answerCancelled(request, &turn)
        }
    }

    private mutating func answerCancelled(_ request: RequestID, _ turn: inout Turn) {
        if let current = currentPosition {
            turn.answer(request, .current(generations[current].id))
        } else {
            turn.answer(request, .done)
        }
    }

    /// What a request is told that a rollback cancelled.
    static var cancelled: String { "cancelled by rollback" }

    /// Makes a draining generation current again and drains the current one in its place.
    mutating func flipBack(
        _ place: Int, to old: Int, _ reason: String, _ cause: RollbackCause, _ turn: inout Turn
    ) {
        guard var handover = generations[old].handover else { return }
        if handover.leavesBackward {
            // A rollback is taken back: the flip before it holds after all.
            handover.turn(from: generations[place].id, to: generations[old].id, .completed, turn)
        } else {
            handover.turn(
                from: generations[old].id, to: generations[place].id,
                .rolledBack(reason: reason), turn)
        }
        let revivesDead: Bool
        switch cause {
        case .asked(let request):
            handover.request = request
            generations[old].previous = generations[place].launch
            revivesDead = true
        case .crashLoop: revivesDead = false
        }
        generations[old].state = .current(Current(origin: .rollback, since: turn.now))
        generations[old].forgetDrained()
        drain(place, .handover(handover), turn)
        steer(&turn)
        turn.emit(.tellResumed(generations[old].id))
        turn.note(generations[old].id, handover.request, .resumed(reason: reason))
        announceDrain(place, revivingDead: revivesDead, &turn)
    }
}
