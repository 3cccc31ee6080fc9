// The death of a worker. In a generation that starts it fails the generation. In the current one the worker is
// started again, and a crash loop right after an upgrade rolls back. On the way out the worker is
// started once more if its queue is not empty.

/// The generation that new flows go to.
package struct Current: Hashable, Codable, Sendable {
    /// Whether a crash loop rolls it back: only where it took over from a generation that served on.
    let mayRollBack: Bool
    /// The flip.
    let since: Instant
    /// The deaths of its workers within `Policy.crashWindow` of the flip.
    var crashes = 0
    /// What it has to keep to still, lest the generation before takes over again.
    var watch: Watch?
}

extension Machine {
    /// A process is gone, or there never was one.
    mutating func workerDied(
        _ id: WorkerID, _ reason: String, hadStarted: Bool = true, leavesQueue: Bool,
        _ turn: inout Turn
    ) {
        guard let (index, position) = index(of: id) else { return }
        let worker = generations[index].workers[position]
        guard worker.hasProcess else { return }
        generations[index].workers[position].state = .gone
        generations[index].workers[position].sessions = nil
        turn.note(generations[index], .workerDied(position, reason: reason))
        cannotRestore(id.generation, "worker \(position) \(reason)", &turn)
        switch generations[index].state {
        case .starting:
            let when = hadStarted ? " before its generation was ready" : ""
            let reason = "worker \(position) \(reason)\(when)"
            fail(index, reason, bank: .held, &turn)
        case .trial(let trial): trialWorkerDied(index, trial, worker, reason, &turn)
        case .current(let current): restartLater(index, current, worker, reason, &turn)
        case .draining:
            // Nobody knows its sessions any more, so they move on.
            steer(&turn)
            turn.emit(.abandonWorker(id))
            let watched = generations[index].draining.flatMap { watchedIndex(keeping: $0) }
            if leavesQueue || watched != nil { startToRead(index, worker, &turn) }
        case .retiring(let retiring):
            if case .emptying = retiring.step, leavesQueue {
                startToRead(index, worker, &turn)
            }
        case .makingRoom(let makingRoom):
            if case .emptying = makingRoom.step, case .replacement(let launch) = makingRoom.next,
                leavesQueue, position >= launch.workers
            {
                startToRead(index, worker, &turn)
            }
        case .preparing, .reviving, .failing, .holdingBank, .stopped, .failed: break
        }
    }

    /// A process could not be started, or was given up before it was: nobody has read what is left, and one
    /// that was to do that is as needed as before.
    mutating func workerStartFailed(_ id: WorkerID, _ reason: String, _ turn: inout Turn) {
        workerDied(
            id, "could not be started: \(reason)", hadStarted: false, leavesQueue: true, &turn)
    }

    /// Starts a worker of the current generation again after a wait, unless that generation crashes too
    /// much. Meanwhile its pinned flows wait in its queue, and new flows go to the other workers.
    private mutating func restartLater(
        _ index: Int, _ current: Current, _ dead: Worker, _ reason: String, _ turn: inout Turn
    ) {
        if watchedWorkerDied(index, "worker \(dead.index) \(reason)", &turn) { return }
        if turn.now - current.since <= policy.crashWindow {
            let crashes = current.crashes + 1
            generations[index].current?.crashes = crashes
            if current.mayRollBack, crashes >= policy.crashLimit, let old = refuge(of: index) {
                let reason =
                    "generation \(generations[index].id) crashed \(crashes) times within"
                    + " \(policy.crashWindow) of the flip"
                flipBack(index, to: old, reason, .byItself, &turn)
                return
            }
        }
        restart(index, dead, &turn)
    }

    /// Starts a worker that new flows go to again after a wait.
    mutating func restart(_ index: Int, _ dead: Worker, _ turn: inout Turn) {
        let deaths = deaths(including: dead, at: turn.now)
        let until = turn.now + policy.restartDelay(deaths)
        generations[index].workers[dead.index].deaths = deaths
        generations[index].workers[dead.index].state = .backingOff(until: until)
        turn.note(generations[index], .workerRestarts(dead.index, at: until))
        steer(&turn)
    }

    /// The generation that this one took over from, if it still drains and every worker of it serves.
    func refuge(of index: Int) -> Int? {
        let id = generations[index].id
        return generations.firstIndex { old in
            old.draining?.reason.handover?.arriving == id && old.draining?.isAborted == false
                && old.isWhole
        }
    }

    /// Starts a dead worker on its way out once more: what waits in its queue would be lost with the slot.
    /// A worker that keeps dying is given up.
    private mutating func startToRead(_ index: Int, _ dead: Worker, _ turn: inout Turn) {
        guard !generations[index].launch.isJoined else { return }
        let deaths = deaths(including: dead, at: turn.now)
        guard deaths <= policy.crashLimit else { return }
        generations[index].workers[dead.index].deaths = deaths
        if dead.isSpawning, generations[index].draining != nil {
            // What was missing, a descriptor say, may be there a little later.
            let until = turn.now + policy.restartDelay(deaths)
            generations[index].workers[dead.index].state = .backingOff(until: until)
            return
        }
        generations[index].workers[dead.index].restarts += 1
        spawn(index, dead.index, &turn)
    }

    private func deaths(including dead: Worker, at now: Instant) -> Int {
        dead.served(policy.restartReset, at: now) ? 1 : dead.deaths + 1
    }
}
