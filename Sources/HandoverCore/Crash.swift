extension Machine {
    /// A worker of the current generation died. Its pinned flows wait in its queue, new flows go to its
    /// siblings, and it is started again, unless the generation crashes too much.
    mutating func restartLater(
        _ place: Int, _ current: Current, _ dead: Worker, _ turn: inout Turn
    ) {
        var current = current
        if turn.now - current.since <= policy.crashWindow {
            current.crashes += 1
            generations[place].state = .current(current)
            if let old = crashRefuge(from: place, current) {
                let reason =
                    "generation \(generations[place].id) crashed \(current.crashes) times within"
                    + " \(policy.crashWindow) of the flip"
                flipBack(place, to: old, reason, .crashLoop, &turn)
                return
            }
        }
        let deaths = dead.served(policy.restartReset, at: turn.now) ? 1 : dead.deaths + 1
        let until = turn.now + policy.restartDelay(deaths)
        generations[place].workers[dead.index].deaths = deaths
        generations[place].workers[dead.index].state = .backingOff(until: until)
        turn.note(generations[place], .workerRestarts(dead.index, at: until))
        steer(&turn)
    }

    /// The generation to go back to by itself: the very one that this one took over from, whole.
    private func crashRefuge(from place: Int, _ current: Current) -> Int? {
        guard current.origin == .upgrade, current.crashes >= policy.crashLimit else { return nil }
        let id = generations[place].id
        return generations.firstIndex { old in
            switch old.state {
            case .draining(let draining):
                draining.errand.handover?.arriving == id && old.isWhole
            case .preparing, .starting, .current, .retiring, .failing, .yielding, .lending,
                .stopped, .failed:
                false
            }
        }
    }

    /// A process is gone, or never was.
    mutating func workerDied(
        _ id: WorkerID, _ reason: String, leavesQueue: Bool, _ turn: inout Turn
    ) {
        guard let (place, index) = position(id) else { return }
        let worker = generations[place].workers[index]
        guard worker.hasProcess else { return }
        generations[place].workers[index].state = .gone
        generations[place].workers[index].sessions = nil
        turn.note(generations[place], .workerDied(index, reason: reason))
        switch generations[place].state {
        case .starting:
            let reason = "worker \(index) \(reason) before its generation was ready"
            fail(place, reason, bank: .held, &turn)
        case .current(let current): restartLater(place, current, worker, &turn)
        case .draining:
            leaveSlot(place, index, &turn)
            if leavesQueue { startToRead(place, worker, &turn) }
        case .retiring(let retiring):
            switch retiring.step {
            case .emptying:
                if leavesQueue { startToRead(place, worker, &turn) }
            case .lingering, .stopping: break
            }
        case .preparing, .failing, .yielding, .lending, .stopped, .failed: break
        }
    }

    /// Starts a dead worker on its way out once more: what waits in its queue would be lost with
    /// the slot. One that keeps dying is let go.
    mutating func startToRead(_ place: Int, _ dead: Worker, _ turn: inout Turn) {
        guard !generations[place].launch.isJoined else { return }
        let deaths = dead.served(policy.restartReset, at: turn.now) ? 1 : dead.deaths + 1
        guard deaths <= policy.crashLimit else { return }
        generations[place].workers[dead.index].deaths = deaths
        generations[place].workers[dead.index].restarts += 1
        spawn(place, dead.index, &turn)
    }
}
