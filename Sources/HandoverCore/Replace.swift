/// The current generation where generations may not overlap, on its way out.
package struct Yielding: Hashable, Codable, Sendable {
    /// How far it has come.
    enum Step: Hashable, Codable, Sendable {
        /// Its workers read what is queued, until then at the latest.
        case emptying(until: Instant)
        /// Its workers are being stopped.
        case stopping
    }

    /// Who gets the bank.
    enum Heir: Hashable, Codable, Sendable {
        case successor(Launch)
        /// The same launch as before: the handover was cancelled on the way.
        case revival(reason: String)
    }

    var handover: Handover
    var heir: Heir
    var step: Step
    /// The state to return to.
    let wasCurrent: Current
}

/// A generation without workers that keeps its bank until another one has it.
package struct Lending: Hashable, Codable, Sendable {
    /// What it will have been.
    enum End: Hashable, Codable, Sendable {
        case stopped
        case failed(reason: String)
    }

    let end: End
    /// The generation that is to have it.
    let heir: GenerationID
}

/// What is brought back where a successor fails.
struct Fallback: Hashable, Codable, Sendable {
    let launch: Launch
    /// What was current before it.
    let previous: Launch?
}

extension Machine {
    /// Where generations may not overlap: the current one reads what is queued, is stopped, and its bank
    /// goes to the next one. What comes in meanwhile waits in the sockets.
    mutating func yield(
        _ place: Int, to launch: Launch, _ handover: Handover, _ turn: inout Turn
    ) {
        let wasCurrent: Current
        switch generations[place].state {
        case .current(let current): wasCurrent = current
        case .preparing, .starting, .draining, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            return
        }
        let yielding = Yielding(
            handover: handover, heir: .successor(launch),
            step: .emptying(until: turn.now + policy.linger), wasCurrent: wasCurrent)
        generations[place].state = .yielding(yielding)
        turn.note(generations[place], .retiring(.makesRoom))
        for index in generations[place].allIndexes {
            switch generations[place].workers[index].state {
            case .backingOff: generations[place].workers[index].state = .gone
            case .waiting, .spawning, .starting, .ready, .stopping, .killed, .gone: break
            }
        }
        // A slot that the next generation does not have must be empty before it is released.
        steer(&turn)
        for index in generations[place].allIndexes where index >= launch.workers {
            turn.emit(.abandonWorker(workerID(place, index)))
        }
        if generations[place].readyIndexes.isEmpty {
            stopYielding(place, yielding, &turn)
        } else {
            turn.emit(.watchQueues(generations[place].id))
        }
    }

    mutating func stopYielding(_ place: Int, _ yielding: Yielding, _ turn: inout Turn) {
        var yielding = yielding
        yielding.step = .stopping
        generations[place].state = .yielding(yielding)
        stopWorkers(place, &turn)
    }

    /// Stops a yielding generation if its time to read is over.
    mutating func stopIfDue(_ place: Int, _ yielding: Yielding, _ turn: inout Turn) -> Bool {
        switch yielding.step {
        case .emptying(let until):
            guard until <= turn.now else { return false }
            stopYielding(place, yielding, &turn)
            return true
        case .stopping: return false
        }
    }

    /// Passes the bank on once the last worker is gone.
    mutating func settleYielding(_ place: Int, _ yielding: Yielding, _ turn: inout Turn) -> Bool {
        guard generations[place].isDeserted else { return false }
        let old = generations[place]
        var handover = yielding.handover
        handover.end(\.retire, at: turn.now)
        generations[place].state = .lending(Lending(end: .stopped, heir: nextGeneration))
        let fallback = Fallback(launch: old.launch, previous: old.previous)
        switch yielding.heir {
        case .successor(let launch):
            begin(
                launch, for: .successor(handover, fallback: fallback), previous: old.launch,
                inheritingFrom: old.id, &turn)
        case .revival(let reason):
            fail(handover, reason, &turn)
            revive(fallback, &turn)
        }
        return true
    }

    /// A rollback before the bank is passed on: the generation stays, or comes back.
    mutating func stay(
        _ place: Int, _ yielding: Yielding, _ request: RequestID, _ turn: inout Turn
    ) {
        switch yielding.step {
        case .emptying:
            generations[place].state = .current(yielding.wasCurrent)
            for index in generations[place].allIndexes
            where generations[place].workers[index].state == .gone {
                generations[place].workers[index].state = .backingOff(until: turn.now)
            }
            fail(yielding.handover, Self.cancelled, &turn)
            turn.answer(request, .current(generations[place].id))
        case .stopping:
            switch yielding.heir {
            case .successor:
                var yielding = yielding
                yielding.heir = .revival(reason: Self.cancelled)
                generations[place].state = .yielding(yielding)
                turn.answer(request, .done)
            case .revival:
                turn.answer(request, .refused("the command before is being started again"))
            }
        }
    }

    /// A handover that came to nothing before there was a generation to fail.
    mutating func fail(_ handover: Handover, _ reason: String, _ turn: inout Turn) {
        var handover = handover
        handover.outcome = .failed(reason: reason)
        turn.answer(handover.request, .failed(reason))
        report(handover, cutFlows: 0, &turn)
    }

    mutating func restart(_ request: RequestID, _ turn: inout Turn) {
        hand(over: request, to: nil, overlap: false, &turn)
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

    mutating func redirectLender(_ place: Int, to heir: GenerationID) {
        switch generations[place].state {
        case .lending(let lending):
            generations[place].state = .lending(Lending(end: lending.end, heir: heir))
        case .preparing, .starting, .current, .draining, .retiring, .failing, .yielding, .stopped,
            .failed:
            break
        }
    }

    /// Asks again for the bank that a revival did not get.
    mutating func askAgainIfDue(
        _ place: Int, _ preparing: Preparing, _ turn: inout Turn
    ) -> Bool {
        switch preparing.bank {
        case .asked: return false
        case .retry(let at):
            guard at <= turn.now, let lender = lender(to: generations[place].id) else {
                return false
            }
            var preparing = preparing
            preparing.bank = .asked
            let heir = generations[place]
            generations[place].state = .preparing(preparing)
            turn.emit(
                .inheritBank(
                    heir.id, workers: heir.launch.workers, from: generations[lender].id))
            return true
        }
    }

    /// Only slots that the next generation will have, too.
    func yieldingTarget(
        _ generation: Generation, _ yielding: Yielding
    ) -> SteeringTarget? {
        switch (yielding.heir, yielding.step) {
        case (.successor(let launch), .emptying):
            let kept = generation.allIndexes.filter { $0 < launch.workers }
            let ready = kept.filter(generation.readyIndexes.contains)
            return SteeringTarget(generation: generation.id, workers: ready.isEmpty ? kept : ready)
        case (.successor, .stopping), (.revival, _): return nil
        }
    }

    /// The generation that another one waits to inherit from.
    func lender(to heir: GenerationID) -> Int? {
        generations.firstIndex { generation in
            switch generation.state {
            case .lending(let lending): lending.heir == heir
            case .preparing, .starting, .current, .draining, .retiring, .failing, .yielding,
                .stopped, .failed:
                false
            }
        }
    }
}
