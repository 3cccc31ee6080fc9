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
