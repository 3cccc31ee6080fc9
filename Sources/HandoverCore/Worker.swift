/// A place for a process in a generation, and what became of it so far.
package struct Worker: Hashable, Codable, Sendable {
    package let index: Int
    package internal(set) var state: WorkerState = .waiting
    /// How often it was started again.
    package internal(set) var restarts = 0
    /// Deaths in a row, none of them after `Policy.restartReset` of service.
    var deaths = 0
    /// The sessions that it says it has; nil while it has never said.
    package internal(set) var sessions: Int?

    init(index: Int) {
        self.index = index
    }

    /// Whether it has been asked for and has not been seen to be gone.
    package var hasProcess: Bool {
        switch state {
        case .spawning, .starting, .ready, .stopping, .killed: true
        case .waiting, .backingOff, .gone: false
        }
    }

    /// Whether it was sent KILL.
    package var isKilled: Bool { state == .killed }

    /// Whether it serves.
    package var isReady: Bool {
        switch state {
        case .ready: true
        case .waiting, .spawning, .starting, .backingOff, .stopping, .killed, .gone: false
        }
    }

    /// Whether it serves and has said that no session is left.
    var isDrained: Bool {
        switch state {
        case .ready(_, let drained): drained
        case .waiting, .spawning, .starting, .backingOff, .stopping, .killed, .gone: false
        }
    }

    /// Whether it serves sessions of which it has told.
    var holdsSessions: Bool { isReady && !isDrained && sessions ?? 0 > 0 }

    /// Whether it is asked for and not seen to run yet.
    package var isSpawning: Bool {
        switch state {
        case .spawning: true
        case .waiting, .starting, .ready, .backingOff, .stopping, .killed, .gone: false
        }
    }

    /// Whether it has served for so long.
    func served(_ time: Duration, at now: Instant) -> Bool {
        switch state {
        case .ready(let since, _): now - since >= time
        case .waiting, .spawning, .starting, .backingOff, .stopping, .killed, .gone: false
        }
    }

    /// When something is due.
    var deadline: Instant? {
        switch state {
        case .spawning(let limit), .starting(let limit), .stopping(let limit): limit.end
        case .backingOff(let until): until
        case .waiting, .ready, .killed, .gone: nil
        }
    }

    /// The word for it in `status`.
    package var phase: WorkerPhase {
        switch state {
        case .waiting, .spawning, .starting: .starting
        case .ready: .ready
        case .backingOff: .restarting
        case .stopping, .killed: .stopping
        case .gone: .stopped
        }
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
    /// It serves; `drained` once it said that it has no session left.
    case ready(since: Instant, drained: Bool)
    /// It died and will be started again.
    case backingOff(until: Instant)
    /// It was sent the stop signal and will be sent KILL.
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
    /// It is gone and how is not known: not our child, joined from elsewhere, say.
    case lost

    package var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .killed(let signal): "killed by signal \(signal)"
        case .lost: "is gone"
        }
    }
}

/// A deadline that its subject may ask to put off, but never to bring forward.
package struct Limit: Hashable, Codable, Sendable {
    private let granted: Instant
    /// When patience ends.
    package private(set) var end: Instant

    init(_ end: Instant) {
        granted = end
        self.end = end
    }

    /// sd_notify(3), EXTEND_TIMEOUT_USEC: the newest request counts, but no end before the one granted
    /// at first.
    mutating func extend(by time: Duration, at now: Instant) {
        end = max(granted, now + time)
    }
}

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

    /// For a generation on its way in that is the end; for another one this worker's.
    mutating func notReadyInTime(_ place: Int, _ index: Int, _ turn: inout Turn) {
        let reason = "worker \(index) was not ready in time"
        switch generations[place].state {
        case .starting: fail(place, reason, bank: .held, &turn)
        case .current, .draining, .retiring, .yielding, .preparing, .failing, .lending, .stopped,
            .failed:
            turn.note(generations[place], .workerFailed(index, reason: "not ready in time"))
            stopWorker(place, index, &turn)
        }
    }

    mutating func runDue(_ place: Int, _ index: Int, _ turn: inout Turn) -> Bool {
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
}
