extension Machine {
    mutating func spawn(_ place: Int, _ index: Int, _ turn: inout Turn) {
        let limit =
            generations[place].launch.isJoined
            ? joinLimit(place, at: turn.now) : turn.now + policy.readyTimeout
        generations[place].workers[index].state = .spawning(Limit(limit))
        generations[place].workers[index].sessions = nil
        turn.emit(.startWorker(workerID(place, index)))
    }

    mutating func stopWorkers(_ place: Int, _ turn: inout Turn) {
        for index in generations[place].allIndexes {
            stopWorker(place, index, &turn)
        }
    }

    mutating func stopWorker(_ place: Int, _ index: Int, _ turn: inout Turn) {
        switch generations[place].workers[index].state {
        case .waiting, .backingOff: generations[place].workers[index].state = .gone
        case .spawning, .starting, .ready:
            generations[place].workers[index].state = .stopping(
                Limit(turn.now + policy.stopTimeout))
            turn.emit(.stopWorker(workerID(place, index)))
        case .stopping, .killed, .gone: break
        }
    }

    mutating func workerStarted(_ id: WorkerID, _ turn: inout Turn) {
        guard let (place, index) = position(id) else { return }
        switch generations[place].workers[index].state {
        case .spawning(let limit):
            // It has only just begun, however long its place was free.
            let own =
                generations[place].launch.isJoined
                ? Limit(turn.now + policy.readyTimeout) : limit
            generations[place].workers[index].state = .starting(own)
        case .waiting, .starting, .ready, .backingOff, .stopping, .killed, .gone: return
        }
        checkStarted(place, &turn)
    }

    mutating func workerReady(_ id: WorkerID, _ turn: inout Turn) {
        guard let (place, index) = position(id) else { return }
        switch generations[place].workers[index].state {
        case .spawning, .starting:
            // One started a last time during a drain reads its queue and has no session to end.
            let generation = generations[place]
            let drained = generation.phase == .draining && generation.handover != nil
            generations[place].workers[index].state = .ready(since: turn.now, drained: drained)
        case .waiting, .ready, .backingOff, .stopping, .killed, .gone: return
        }
        turn.note(generations[place], .workerReady(index))
        checkStarted(place, &turn)
        switch generations[place].state {
        case .starting(let starting):
            if generations[place].isWhole {
                flip(place, starting, &turn)
            }
        case .preparing, .current, .draining, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            break
        }
    }

    /// Notes the moment in which the last process of a starting generation runs.
    private mutating func checkStarted(_ place: Int, _ turn: inout Turn) {
        switch generations[place].state {
        case .starting(var starting):
            guard !starting.allRun, !generations[place].workers.contains(where: \.isSpawning)
            else { return }
            starting.allRun = true
            starting.purpose.change { $0.end(\.start, at: turn.now) }
            generations[place].state = .starting(starting)
            turn.note(generations[place], .started)
        case .preparing, .current, .draining, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            break
        }
    }

    /// A worker says that it cannot serve: it is as good as dead, once it is.
    mutating func workerFailed(_ id: WorkerID, _ reason: String, _ turn: inout Turn) {
        guard let (place, index) = position(id) else { return }
        switch generations[place].workers[index].state {
        case .spawning, .starting, .ready: break
        case .waiting, .backingOff, .stopping, .killed, .gone: return
        }
        switch generations[place].state {
        case .starting: fail(place, "worker \(index) failed: \(reason)", bank: .held, &turn)
        case .current, .draining:
            turn.note(generations[place], .workerFailed(index, reason: reason))
            stopWorker(place, index, &turn)
        case .preparing, .retiring, .failing, .yielding, .lending, .stopped, .failed: break
        }
    }

    mutating func extendTimeout(_ id: WorkerID, by time: Duration, _ turn: Turn) {
        guard let (place, index) = position(id) else { return }
        switch generations[place].workers[index].state {
        case .spawning(var limit):
            limit.extend(by: time, at: turn.now)
            generations[place].workers[index].state = .spawning(limit)
        case .starting(var limit):
            limit.extend(by: time, at: turn.now)
            generations[place].workers[index].state = .starting(limit)
        case .stopping(var limit):
            limit.extend(by: time, at: turn.now)
            generations[place].workers[index].state = .stopping(limit)
        case .waiting, .ready, .backingOff, .killed, .gone: break
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
    private mutating func startToRead(_ place: Int, _ dead: Worker, _ turn: inout Turn) {
        guard !generations[place].launch.isJoined else { return }
        let deaths = dead.served(policy.restartReset, at: turn.now) ? 1 : dead.deaths + 1
        guard deaths <= policy.crashLimit else { return }
        generations[place].workers[dead.index].deaths = deaths
        generations[place].workers[dead.index].restarts += 1
        spawn(place, dead.index, &turn)
    }
}
