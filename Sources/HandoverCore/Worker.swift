/// A seat for a process in a generation, and what has become of it so far.
package struct Worker: Hashable, Codable, Sendable {
    package let index: Int
    package internal(set) var state: WorkerState = .waiting
    /// How often it was started again.
    package internal(set) var restarts = 0
    /// Deaths in a row, none of them after `Policy.restartReset` of service.
    package internal(set) var deaths = 0
    /// The sessions that it says it has; nil while it has never said.
    package internal(set) var sessions: Int?

    init(index: Int) {
        self.index = index
    }
}

/// Where a worker's process stands.
package enum WorkerState: Hashable, Codable, Sendable {
    /// Its bank is not there yet.
    case waiting
    /// Its process is asked for.
    case spawning(Limit)
    /// Its process runs and is not ready yet.
    case starting(Limit)
    /// It serves; `drained` once it has said that it has no session left.
    case ready(since: Instant, drained: Bool)
    /// It died and will be started again.
    case backingOff(until: Instant)
    /// It was sent the stop signal. KILL follows at the limit.
    case stopping(Limit)
    case killed
    /// It has no process and will have none.
    case gone
}

/// A worker's state as `status` shows it.
package enum WorkerPhase: String, Hashable, Codable, Sendable {
    case starting, ready, restarting, stopping, stopped
}

/// How a worker's process ended.
package enum WorkerExit: Hashable, Codable, Sendable, CustomStringConvertible {
    case exited(status: Int32)
    case killed(signal: Int32)
    /// It is gone and nobody knows how: it was not our child, for example.
    case lost

    package var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .killed(let signal): "killed by signal \(signal)"
        case .lost: "is gone"
        }
    }
}

/// A deadline that a worker may ask to put off, but not to bring forward.
package struct Limit: Hashable, Codable, Sendable {
    private let granted: Instant
    package private(set) var end: Instant

    init(_ end: Instant) {
        granted = end
        self.end = end
    }

    /// sd_notify(3), EXTEND_TIMEOUT_USEC: the newest request counts, but the end is never before the one
    /// granted at first.
    mutating func extend(by time: Duration, at now: Instant) {
        end = max(granted, now + time)
    }
}

// MARK: What a state means

extension Worker {
    /// Whether its process was asked for and has not been seen to be gone.
    package var hasProcess: Bool {
        switch state {
        case .spawning, .starting, .ready, .stopping, .killed: true
        case .waiting, .backingOff, .gone: false
        }
    }

    /// Whether it was sent KILL.
    package var isKilled: Bool { state == .killed }

    /// Whether it serves.
    package var isReady: Bool { ready != nil }

    /// Whether it serves and has said that no session is left.
    package var isDrained: Bool { ready?.drained ?? false }

    /// Whether it serves and has sessions, by its own count.
    var holdsSessions: Bool { isReady && !isDrained && sessions ?? 0 > 0 }

    /// Whether its process is asked for and not seen to run yet.
    package var isSpawning: Bool {
        if case .spawning = state { true } else { false }
    }

    /// Whether a worker that joins may still take this seat.
    var isFree: Bool {
        switch state {
        case .waiting, .spawning, .backingOff: true
        case .starting, .ready, .stopping, .killed, .gone: false
        }
    }

    /// Whether it has served for that long.
    func served(_ time: Duration, at now: Instant) -> Bool {
        ready.map { now - $0.since >= time } ?? false
    }

    /// When something is due.
    var deadline: Instant? {
        switch state {
        case .spawning(let limit), .starting(let limit), .stopping(let limit): limit.end
        case .backingOff(let until): until
        case .waiting, .ready, .killed, .gone: nil
        }
    }

    /// The word for its state in `status`.
    package var phase: WorkerPhase {
        switch state {
        case .waiting, .spawning, .starting: .starting
        case .ready: .ready
        case .backingOff: .restarting
        case .stopping, .killed: .stopping
        case .gone: .stopped
        }
    }

    private var ready: (since: Instant, drained: Bool)? {
        if case .ready(let since, let drained) = state { (since, drained) } else { nil }
    }

    /// Nothing where it does not serve.
    mutating func setDrained(_ drained: Bool) {
        guard let ready else { return }
        state = .ready(since: ready.since, drained: drained)
    }
}

// MARK: Starting and stopping one

extension Machine {
    mutating func spawnAll(_ index: Int, _ turn: inout Turn) {
        for worker in generations[index].allIndexes {
            spawn(index, worker, &turn)
        }
    }

    mutating func spawn(_ index: Int, _ worker: Int, _ turn: inout Turn) {
        let limit =
            generations[index].launch.isJoined
            ? joinLimit(index, at: turn.now) : turn.now + policy.readyTimeout
        generations[index].workers[worker].state = .spawning(Limit(limit))
        generations[index].workers[worker].sessions = nil
        turn.emit(.startWorker(workerID(index, worker)))
    }

    mutating func stopWorkers(_ index: Int, _ turn: inout Turn) {
        for worker in generations[index].allIndexes {
            stopWorker(index, worker, &turn)
        }
    }

    mutating func stopWorker(_ index: Int, _ worker: Int, _ turn: inout Turn) {
        switch generations[index].workers[worker].state {
        case .waiting, .backingOff: generations[index].workers[worker].state = .gone
        case .spawning, .starting, .ready:
            generations[index].workers[worker].state = .stopping(
                Limit(turn.now + policy.stopTimeout))
            turn.emit(.stopWorker(workerID(index, worker)))
        case .stopping, .killed, .gone: break
        }
    }

    /// A worker says that it cannot serve. It is stopped, and then treated as dead.
    mutating func workerFailed(_ id: WorkerID, _ reason: String, _ turn: inout Turn) {
        guard let (index, worker) = index(of: id) else { return }
        switch generations[index].workers[worker].state {
        case .spawning, .starting, .ready: break
        case .waiting, .backingOff, .stopping, .killed, .gone: return
        }
        switch generations[index].state {
        case .starting:
            turn.note(generations[index], .workerFailed(worker, reason: reason))
            fail(index, "worker \(worker) failed: \(reason)", bank: .held, &turn)
        case .trial:
            turn.note(generations[index], .workerFailed(worker, reason: reason))
            _ = abortTrial("worker \(worker) failed: \(reason)", &turn)
            stopWorker(index, worker, &turn)
        case .current(let current):
            turn.note(generations[index], .workerFailed(worker, reason: reason))
            // Nobody knows better that the new version is no good, and the one before is there still.
            if current.watch != nil {
                failWatch(index, "worker \(worker) failed: \(reason)", &turn)
            } else if current.mayRollBack, let old = refuge(of: index) {
                flipBack(index, to: old, "worker \(worker) failed: \(reason)", .byItself, &turn)
            }
            stopWorker(index, worker, &turn)
        case .draining:
            turn.note(generations[index], .workerFailed(worker, reason: reason))
            stopWorker(index, worker, &turn)
        case .preparing, .reviving, .retiring, .failing, .makingRoom, .holdingBank, .stopped,
            .failed:
            break
        }
    }

    mutating func extendTimeout(_ id: WorkerID, by time: Duration, _ turn: Turn) {
        guard let (index, worker) = index(of: id) else { return }
        func extended(_ limit: Limit) -> Limit {
            var limit = limit
            limit.extend(by: time, at: turn.now)
            return limit
        }
        switch generations[index].workers[worker].state {
        case .spawning(let limit):
            generations[index].workers[worker].state = .spawning(extended(limit))
        case .starting(let limit):
            generations[index].workers[worker].state = .starting(extended(limit))
        case .stopping(let limit):
            generations[index].workers[worker].state = .stopping(extended(limit))
        case .waiting, .ready, .backingOff, .killed, .gone: break
        }
    }

    /// Does what is due for one worker; returns false if nothing is.
    mutating func runDue(_ index: Int, _ worker: Int, _ turn: inout Turn) -> Bool {
        guard let deadline = generations[index].workers[worker].deadline, deadline <= turn.now
        else { return false }
        switch generations[index].workers[worker].state {
        case .spawning, .starting: notReadyInTime(index, worker, &turn)
        case .backingOff:
            generations[index].workers[worker].restarts += 1
            spawn(index, worker, &turn)
        case .stopping:
            generations[index].workers[worker].state = .killed
            turn.emit(.killWorker(workerID(index, worker)))
            turn.note(generations[index], .workerKilled(worker))
        case .waiting, .ready, .killed, .gone: return false
        }
        return true
    }

    /// A generation that starts fails with it; elsewhere only this worker is stopped.
    private mutating func notReadyInTime(_ index: Int, _ worker: Int, _ turn: inout Turn) {
        if generations[index].starting != nil {
            fail(index, "worker \(worker) was not ready in time", bank: .held, &turn)
        } else if generations[index].launch.isJoined, generations[index].workers[worker].isSpawning
        {
            seatStayedFree(index, worker, &turn)
        } else {
            turn.note(generations[index], .workerFailed(worker, reason: "not ready in time"))
            stopWorker(index, worker, &turn)
        }
    }
}
