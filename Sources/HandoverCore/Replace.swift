// A generation that may not run beside the one before it: the old one makes room, and its bank goes to
// the new one. What arrives meanwhile waits in the sockets. If the new one fails, the old launch is
// revived on the same bank.

/// The current generation on its way out, where generations may not overlap.
package struct MakingRoom: Hashable, Codable, Sendable {
    /// How far it has come.
    enum Step: Hashable, Codable, Sendable {
        /// Its workers read what is queued, until then at the latest.
        case emptying(until: Instant)
        /// Its workers are being stopped.
        case stopping

        var deadline: Instant? {
            switch self {
            case .emptying(let until): until
            case .stopping: nil
            }
        }
    }

    /// What is started on its bank.
    enum Next: Hashable, Codable, Sendable {
        case replacement(Launch)
        /// The same launch again: the handover was cancelled on the way.
        case revival(reason: String)
    }

    var handover: Handover
    var next: Next
    var step: Step
    /// The state to return to.
    let wasCurrent: Current
}

/// A generation without workers that holds its bank until the next generation has it.
package struct HoldingBank: Hashable, Codable, Sendable {
    /// What it becomes then.
    enum End: Hashable, Codable, Sendable {
        case stopped
        case failed(reason: String)
    }

    let end: End
    /// The generation that inherits the bank.
    var next: GenerationID
}

/// What is started again where a replacement fails.
package struct Fallback: Hashable, Codable, Sendable {
    let launch: Launch
    /// What was current before it.
    let previous: Launch?
}

/// A generation that starts the old launch again and waits for its bank.
package struct Reviving: Hashable, Codable, Sendable {
    /// When to ask for the bank again; nil while it is asked for.
    var retryAt: Instant?
    /// How often the bank was not granted.
    var failures = 0
}

// MARK: Making room

extension Machine {
    mutating func restart(_ request: RequestID, _ turn: inout Turn) {
        hand(over: request, to: nil, overlap: false, &turn)
    }

    /// The current generation reads what is queued, then it is stopped and passes its bank on.
    mutating func makeRoom(
        _ index: Int, for launch: Launch, _ handover: Handover, _ turn: inout Turn
    ) {
        guard let wasCurrent = generations[index].current else { return }
        // New flows would go on coming to the slots that are not passed on.
        if steeringAnswer == .refused, launch.workers < generations[index].workers.count {
            return fail(handover, Self.cannotSteer, &turn)
        }
        generations[index].state = .makingRoom(
            MakingRoom(
                handover: handover, next: .replacement(launch),
                step: .emptying(until: turn.now + policy.linger), wasCurrent: wasCurrent))
        turn.note(generations[index], .retiring(.makesRoom))
        // A slot that the next generation will not have must be empty before it is released.
        steer(&turn)
        var hasReaders = !generations[index].readyIndexes.isEmpty
        for worker in generations[index].allIndexes {
            let isPassedOn = worker < launch.workers
            if !isPassedOn { turn.emit(.abandonWorker(workerID(index, worker))) }
            guard case .backingOff = generations[index].workers[worker].state else { continue }
            if isPassedOn || generations[index].launch.isJoined {
                generations[index].workers[worker].state = .gone
            } else {
                // It is started to read what is left.
                generations[index].workers[worker].restarts += 1
                spawn(index, worker, &turn)
                hasReaders = true
                generations[index].makingRoom?.step = .emptying(
                    until: turn.now + policy.emptyTimeout)
            }
        }
        if hasReaders {
            turn.emit(.watchQueues(generations[index].id))
        } else {
            generations[index].makingRoom?.step = .emptying(until: turn.now)
        }
    }

    /// New flows go to those slots only that the next generation will have too.
    func steeringTarget(_ generation: Generation, _ makingRoom: MakingRoom) -> SteeringTarget? {
        switch (makingRoom.next, makingRoom.step) {
        case (.replacement(let launch), .emptying):
            let kept = generation.allIndexes.filter { $0 < launch.workers }
            let ready = kept.filter(generation.readyIndexes.contains)
            return SteeringTarget(generation: generation.id, workers: ready.isEmpty ? kept : ready)
        case (.replacement, .stopping), (.revival, _): return nil
        }
    }

    private static let cannotSteer =
        "new flows cannot be steered at the moment, so no worker's slots can be given up: try again in a second, "
        + "or with as many workers as before"

    mutating func stopMakingRoom(_ index: Int, _ turn: inout Turn) {
        generations[index].makingRoom?.step = .stopping
        stopWorkers(index, &turn)
    }

    /// Stops a generation that makes room if its time to read is over.
    mutating func stopIfDue(_ index: Int, _ makingRoom: MakingRoom, _ turn: inout Turn) -> Bool {
        guard let deadline = makingRoom.step.deadline, deadline <= turn.now,
            // Slots that the next generation will not have may get new flows until then.
            steeringAnswer != .awaited
        else { return false }
        if let later = Self.isLate(deadline, turn) {
            generations[index].makingRoom?.step = .emptying(until: later)
            return true
        }
        stopMakingRoom(index, &turn)
        return true
    }

    /// A rollback before the bank is passed on: the generation stays, or is started again.
    mutating func stay(
        _ index: Int, _ makingRoom: MakingRoom, _ request: RequestID, _ turn: inout Turn
    ) {
        switch (makingRoom.step, makingRoom.next) {
        case (.emptying, _):
            serveOn(index, makingRoom, turn)
            fail(makingRoom.handover, Self.cancelled, &turn)
            turn.answer(request, .current(generations[index].id))
        case (.stopping, .replacement):
            generations[index].makingRoom?.next = .revival(reason: Self.cancelled)
            awaitRestored(request, after: generations[index].id)
        case (.stopping, .revival): turn.answer(request, .refused(Self.isRevived))
        }
    }

    /// A generation that was to make room is current as before.
    mutating func serveOn(_ index: Int, _ makingRoom: MakingRoom, _ turn: Turn) {
        generations[index].state = .current(makingRoom.wasCurrent)
        for worker in generations[index].allIndexes
        where generations[index].workers[worker].state == .gone {
            generations[index].workers[worker].state = .backingOff(until: turn.now)
        }
    }

    /// A handover fails before there is a new generation.
    mutating func fail(_ handover: Handover, _ reason: String, _ turn: inout Turn) {
        var handover = handover
        handover.outcome = .failed(reason: reason)
        turn.answer(handover.request, .failed(reason))
        report(handover, cutFlows: 0, &turn)
    }
}

// MARK: Passing the bank on

extension Machine {
    /// Passes the bank on once the last worker is gone.
    mutating func settleMakingRoom(
        _ index: Int, _ makingRoom: MakingRoom, _ turn: inout Turn
    ) -> Bool {
        guard generations[index].isDeserted else { return false }
        // Slots that the next generation will not have may get new flows until then.
        if case .emptying = makingRoom.step, steeringAnswer == .awaited { return false }
        let old = generations[index]
        var handover = makingRoom.handover
        handover.end(\.retire, at: turn.now)
        generations[index].state = .holdingBank(
            HoldingBank(end: .stopped, next: nextGeneration))
        let fallback = Fallback(launch: old.launch, previous: old.previous)
        switch makingRoom.next {
        case .replacement(let launch):
            let purpose = StartPurpose.replacement(handover, fallback: fallback)
            inherit(old.id, launch, .preparing(purpose), previous: old.launch, &turn)
        case .revival(let reason):
            fail(handover, reason, &turn)
            revive(fallback, &turn)
        }
        return true
    }

    /// Starts a stopped launch again on the bank that waits for the next generation.
    mutating func revive(_ fallback: Fallback, _ turn: inout Turn) {
        guard let holder = bankHolder(for: nextGeneration) else { return }
        beginRestoring(nextGeneration)
        inherit(
            generations[holder].id, fallback.launch, .reviving(Reviving()),
            previous: fallback.previous, &turn)
    }

    /// Adds a generation that takes over the bank of `holder`.
    private mutating func inherit(
        _ holder: GenerationID, _ launch: Launch, _ state: GenerationState, previous: Launch?,
        _ turn: inout Turn
    ) {
        let id = add(launch, state, previous: previous, &turn)
        turn.emit(.inheritBank(id, workers: launch.workers, from: holder))
    }

    /// The generation that holds a bank for the next one.
    func bankHolder(for next: GenerationID) -> Int? {
        generations.firstIndex { $0.holdingBank?.next == next }
    }

    /// The next generation has the bank: nothing is left of the one that held it.
    mutating func dismissBankHolder(for next: GenerationID, _ turn: inout Turn) {
        guard let index = bankHolder(for: next), let holding = generations[index].holdingBank
        else { return }
        switch holding.end {
        case .stopped:
            generations[index].state = .stopped
            turn.note(generations[index], .stopped)
        case .failed(let reason): generations[index].state = .failed(reason: reason)
        }
    }

    /// A revival has no other way: it asks for its bank again and again.
    mutating func retryLater(_ index: Int, _ reviving: Reviving, _ turn: Turn) {
        guard reviving.retryAt == nil else { return }
        let failures = reviving.failures + 1
        generations[index].state = .reviving(
            Reviving(retryAt: turn.now + policy.restartDelay(failures), failures: failures))
    }

    mutating func askAgainIfDue(_ index: Int, _ reviving: Reviving, _ turn: inout Turn) -> Bool {
        guard let retryAt = reviving.retryAt, retryAt <= turn.now,
            let holder = bankHolder(for: generations[index].id)
        else { return false }
        generations[index].reviving?.retryAt = nil
        turn.emit(
            .inheritBank(
                generations[index].id, workers: generations[index].launch.workers,
                from: generations[holder].id))
        return true
    }
}
