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
}
