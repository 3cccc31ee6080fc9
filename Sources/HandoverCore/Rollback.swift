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

    /// Cancels a handover before its flip, a canary too. Otherwise makes the generation current again that was so
    /// before, if it still drains and all of it serves. Otherwise starts its launch as an upgrade.
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
        if let old = generationBefore(index) {
            flipBack(index, to: old, "asked for", .asked(request), &turn)
            turn.answer(request, .current(generations[old].id))
        } else if let previous = generations[index].previous {
            if previous.isJoined {
                turn.answer(request, .refused(Self.joinByThemselves))
                return
            }
            endWatch(index, .brokenOff(reason: Self.cancelled), &turn)
            hand(over: request, to: previous, overlap: policy.overlap, &turn)
        } else {
            turn.answer(request, .nothingToRollBackTo)
        }
    }

    /// The generation that was current before this one, if it still drains and every worker of it serves. An older one
    /// that only drains for longer is not meant.
    func generationBefore(_ index: Int) -> Int? {
        let id = generations[index].id
        let left = drainingGenerations.filter {
            generations[$0].handover?.arriving == id
        }
        // Of several it is the one that this one was gone back to from.
        if let newest = newest(of: left), generations[newest].isWhole { return newest }
        return left.first {
            generations[$0].isWhole && generations[$0].launch == generations[index].previous
        }
    }

    /// The generation that began to drain last of those with every worker ready.
    var lastResort: Int? { newest(of: drainingGenerations.filter { generations[$0].isWhole }) }

    /// Those that have been current: an aborted canary never was.
    private var drainingGenerations: [Int] {
        generations.indices.filter { generations[$0].draining?.isAborted == false }
    }

    private func newest(of draining: [Int]) -> Int? {
        var best: (index: Int, began: Instant)?
        for index in draining {
            guard let began = generations[index].drainBegan else { continue }
            if began >= best?.began ?? began { best = (index, began) }
        }
        return best?.index
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
        breakOffWatch(index, why, &turn)
        if handover.arriving != generations[index].id {
            handover = handoverBack(after: handover, from: index, to: old, reason, &turn)
        } else if handover.outcome.leavesBackward {
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

    /// What came between the two has ended or is broken. The handover by which the old one left is over, for it stays;
    /// what happens now is another one.
    private mutating func handoverBack(
        after before: Handover, from index: Int, to old: Int, _ reason: String, _ turn: inout Turn
    ) -> Handover {
        var before = before
        let id = generations[old].id
        before.turn(
            from: before.from, to: before.to,
            before.outcome.leavesBackward
                ? .completed : .rolledBack(reason: "generation \(id) is current again: \(reason)"),
            turn)
        report(before, cutFlows: 0, &turn)
        return Handover(back: generations[index].id, to: id, at: turn.now)
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
