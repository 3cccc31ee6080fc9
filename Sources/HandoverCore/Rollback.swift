// A rollback: asked for by the operator, or by itself after a crash loop (Crash.swift), or when workers
// that joined have gone (Join.swift).

/// Rollbacks that wait until the command before serves again, which was stopped already for its successor.
package struct Restoring: Hashable, Codable, Sendable {
    var requests: [RequestID]
    /// The generation that starts it again; until there is one, the one that it comes after.
    var generation: GenerationID
    var hasBegun = false
}

extension Machine {
    /// Why the current generation gives way to an older one.
    enum RollbackCause {
        case asked(RequestID)
        /// Its workers keep crashing, or have gone.
        case byItself
    }

    /// What a request is told that a rollback cancelled.
    static let cancelled = "cancelled by rollback"

    /// What a rollback is told while there is nothing else to go back to.
    static let isRevived = "the command before is being started again"

    /// Cancels a handover before its flip, a canary too. Otherwise makes the generation current again that began to drain
    /// last, unless one that came after it has ended. Otherwise starts the launch before as an upgrade.
    mutating func rollBack(_ request: RequestID, _ turn: inout Turn) {
        if let refusal = notServing {
            turn.answer(request, .refused(refusal))
            return
        }
        if cancelHandover(request, &turn) { return }
        guard let index = currentIndex else {
            turn.answer(request, .refused("no generation is current"))
            return
        }
        if let old = rollbackTarget, !isPassedOver(old, index) {
            flipBack(index, to: old, "asked for", .asked(request), &turn)
            turn.answer(request, .current(generations[old].id))
        } else if let previous = generations[index].previous {
            if previous.isJoined {
                turn.answer(request, .refused(Self.joinByThemselves))
                return
            }
            endWatch(index, failure: Self.cancelled, &turn)
            hand(over: request, to: previous, overlap: policy.overlap, &turn)
        } else {
            turn.answer(request, .nothingToRollBackTo)
        }
    }

    /// The generation that began to drain last, of those with every worker ready. An aborted canary was never
    /// current.
    var rollbackTarget: Int? {
        var best: (index: Int, began: Instant)?
        for (index, generation) in generations.enumerated() where generation.isWhole {
            guard let draining = generation.draining, !draining.isAborted else { continue }
            if draining.began >= best?.began ?? draining.began {
                best = (index, draining.began)
            }
        }
        return best?.index
    }

    /// Whether what came between a draining generation and the current one has ended: it is what is gone back to, not
    /// the older one that only drains for longer.
    private func isPassedOver(_ old: Int, _ index: Int) -> Bool {
        guard let previous = generations[index].previous, !previous.isJoined,
            generations[old].id < generations[index].id
        else { return false }
        return !generations.contains { $0.draining != nil && $0.launch == previous }
    }

    /// Makes a draining generation current again and drains the current one in its place.
    mutating func flipBack(
        _ index: Int, to old: Int, _ reason: String, _ cause: RollbackCause, _ turn: inout Turn
    ) {
        guard var handover = generations[old].handover else { return }
        let why =
            switch cause {
            case .asked: Self.cancelled
            case .byItself: reason
            }
        breakOffWatch(index, to: old, why, &turn)
        if handover.outcome.leavesBackward {
            // A rollback of a rollback: the flip before it holds after all.
            handover.turn(from: generations[index].id, to: generations[old].id, .completed, turn)
        } else {
            handover.turn(
                from: generations[old].id, to: generations[index].id,
                .rolledBack(reason: reason), turn)
        }
        let revivesDead: Bool
        switch cause {
        case .asked(let request):
            handover.request = request
            generations[old].previous = generations[index].launch
            revivesDead = true
        case .byItself: revivesDead = false
        }
        generations[old].state = .current(Current(mayRollBack: false, since: turn.now))
        generations[old].forgetDrained()
        drain(index, .handover(handover), turn)
        steer(&turn)
        turn.emit(.tellResumed(generations[old].id))
        turn.note(generations[old].id, handover.request, .resumed(reason: reason))
        announceDrain(index, revivingDead: revivesDead, &turn)
    }
}

// MARK: Before the flip

extension Machine {
    /// Undoes a handover before its flip; returns false if there is none.
    private mutating func cancelHandover(_ request: RequestID, _ turn: inout Turn) -> Bool {
        for index in generations.indices {
            switch generations[index].state {
            case .preparing(let purpose):
                cancel(index, purpose, bank: .asked, request, &turn)
                return true
            case .starting(let starting):
                cancel(index, starting.purpose, bank: .held, request, &turn)
                return true
            case .reviving:
                turn.answer(request, .refused(Self.isRevived))
                return true
            case .trial:
                _ = abortTrial(Self.cancelled, &turn)
                answerServing(request, &turn)
                return true
            case .makingRoom(let makingRoom):
                stay(index, makingRoom, request, &turn)
                return true
            case .current, .draining, .retiring, .failing, .holdingBank, .stopped, .failed: break
            }
        }
        // The operator means the newest generation, which has just failed by itself.
        guard let last = generations.last, last.failing?.handover != nil else { return false }
        answerCancelled(request, after: last.id, &turn)
        return true
    }

    private mutating func cancel(
        _ index: Int, _ purpose: StartPurpose, bank: Failing.Bank, _ request: RequestID,
        _ turn: inout Turn
    ) {
        switch purpose {
        case .first: turn.answer(request, .refused("the first generation is still starting"))
        case .upgrade, .replacement:
            fail(index, Self.cancelled, bank: bank, &turn)
            answerCancelled(request, after: generations[index].id, &turn)
        }
    }

    private mutating func answerCancelled(
        _ request: RequestID, after id: GenerationID, _ turn: inout Turn
    ) {
        if let current = currentIndex {
            turn.answer(request, .current(generations[current].id))
        } else {
            awaitRestored(request, after: id)
        }
    }
}

// MARK: Until the command before serves again

extension Machine {
    /// A rollback is done when every worker serves, and not when that has been begun.
    mutating func awaitRestored(_ request: RequestID, after id: GenerationID) {
        restoring = Restoring(requests: (restoring?.requests ?? []) + [request], generation: id)
    }

    /// The command before is being started again, as this generation.
    mutating func beginRestoring(_ id: GenerationID) {
        restoring?.generation = id
        restoring?.hasBegun = true
    }

    /// Something keeps a generation from serving: who waits for it is told, however it goes on.
    mutating func cannotRestore(_ id: GenerationID, _ reason: String, _ turn: inout Turn) {
        if restoring?.hasBegun == true, restoring?.generation == id {
            answerRestoring(.failed(reason), &turn)
        }
    }

    /// Answers once the state shows how it went.
    mutating func settleRestoring(_ turn: inout Turn) {
        guard let restoring else { return }
        guard service == .running else {
            return answerRestoring(.failed("the service is being stopped"), &turn)
        }
        let generation = generation(restoring.generation)
        switch (generation?.state, restoring.hasBegun) {
        case (.failing, false), (.makingRoom, false), (.holdingBank, false), (.reviving, true):
            break
        case (.current, true):
            if generation?.isWhole == true {
                answerRestoring(.current(restoring.generation), &turn)
            }
        default: answerRestoring(.failed("another request has taken its place"), &turn)
        }
    }

    private mutating func answerRestoring(_ answer: Answer, _ turn: inout Turn) {
        let requests = restoring?.requests ?? []
        restoring = nil
        for request in requests { turn.answer(request, answer) }
    }
}
