extension Machine {
    /// When to hand in `tick` at the latest, if nothing else happens.
    package var nextDeadline: Instant? {
        var earliest: Instant?
        for (place, generation) in generations.enumerated() where !generation.isOver {
            for deadline in generation.workers.map(\.deadline) + deadlines(place) {
                guard let deadline else { continue }
                earliest = min(earliest ?? deadline, deadline)
            }
        }
        return earliest
    }

    private func deadlines(_ place: Int) -> [Instant?] {
        switch generations[place].state {
        case .preparing(let preparing):
            switch preparing.bank {
            case .asked: []
            case .retry(let at): [at]
            }
        case .draining(let draining):
            [
                draining.nextCount,
                waitsForOthers(place, draining.errand) ? nil : draining.deadline,
                draining.flows == nil ? nil : holdEnd(place, draining),
            ]
        case .retiring(let retiring):
            switch retiring.step {
            case .emptying(let until), .lingering(let until): [until]
            case .stopping: []
            }
        case .yielding(let yielding):
            switch yielding.step {
            case .emptying(let until): [until]
            case .stopping: []
            }
        case .starting, .current, .failing, .lending, .stopped, .failed: []
        }
    }

    /// When unconfirmed flows cease to hold the drain up, if they are all that does.
    private func holdEnd(_ place: Int, _ draining: Draining) -> Instant? {
        guard draining.flows?.confirmed == 0, !waitsForOthers(place, draining.errand),
            !generations[place].workers.contains(where: \.holdsSessions)
        else { return nil }
        return draining.began + policy.unconfirmedHold
    }

    /// Does what is due; true if there was anything.
    mutating func runDue(_ turn: inout Turn) -> Bool {
        var acted = false
        for id in generations.map(\.id) {
            guard let place = position(id), !generations[place].isOver else { continue }
            for index in generations[place].allIndexes where runDue(place, index, &turn) {
                acted = true
            }
            if runDue(place, &turn) {
                acted = true
            }
        }
        return acted
    }

    private mutating func runDue(_ place: Int, _ index: Int, _ turn: inout Turn) -> Bool {
        let worker = generations[place].workers[index]
        guard let deadline = worker.deadline, deadline <= turn.now else { return false }
        switch worker.state {
        case .spawning, .starting: notReadyInTime(place, index, &turn)
        case .backingOff:
            generations[place].workers[index].restarts += 1
            spawn(place, index, &turn)
        case .stopping:
            generations[place].workers[index].state = .killed
            turn.emit(.killWorker(workerID(place, index)))
            turn.note(generations[place], .workerKilled(index))
        case .waiting, .ready, .killed, .gone: return false
        }
        return true
    }

    /// For a generation on its way in that is the end; for another one this worker's.
    private mutating func notReadyInTime(_ place: Int, _ index: Int, _ turn: inout Turn) {
        let reason = "worker \(index) was not ready in time"
        switch generations[place].state {
        case .starting: fail(place, reason, bank: .held, &turn)
        case .current, .draining, .retiring, .yielding, .preparing, .failing, .lending, .stopped,
            .failed:
            turn.note(generations[place], .workerFailed(index, reason: "not ready in time"))
            stopWorker(place, index, &turn)
        }
    }

    private mutating func runDue(_ place: Int, _ turn: inout Turn) -> Bool {
        switch generations[place].state {
        case .preparing(let preparing): return askAgainIfDue(place, preparing, &turn)
        case .draining(let draining): return countIfDue(place, draining, &turn)
        case .retiring(let retiring): return stopIfDue(place, retiring, &turn)
        case .yielding(let yielding): return stopIfDue(place, yielding, &turn)
        case .starting, .current, .failing, .lending, .stopped, .failed: return false
        }
    }

    /// Asks again for the bank that a revival did not get.
    private mutating func askAgainIfDue(
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
}
