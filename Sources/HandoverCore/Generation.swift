/// What a generation is started from.
package struct Launch: Hashable, Codable, Sendable {
    /// The program and its arguments, before any replacement of `{fd}` and the like.
    package var command: [String]
    /// The number of processes, at least 1.
    package var workers: Int
    /// What workers that come by themselves call their generation; nil where they are started.
    package var group: String?

    package init(command: [String], workers: Int, group: String? = nil) {
        self.command = command
        self.workers = workers
        self.group = group
    }

    /// Whether nobody here starts its workers: `startWorker` makes a place that one may take.
    package var isJoined: Bool { group != nil }

    /// One of too many or too few workers to be counted out is none that was written down.
    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        command = try keys.decode([String].self, forKey: .command)
        workers = try keys.decode(Int.self, forKey: .workers)
        group = try keys.decodeIfPresent(String.self, forKey: .group)
        guard 0...1_000_000 ~= workers else {
            throw DecodingError.dataCorruptedError(
                forKey: .workers, in: keys, debugDescription: "\(workers) workers")
        }
    }

    /// Why nothing can be started from it, if so.
    var fault: String? {
        if command.isEmpty { return "no command is given" }
        return workers < 1 ? "at least one worker is needed, not \(workers)" : nil
    }
}

/// All workers of one start of one version.
package struct Generation: Hashable, Codable, Sendable {
    package let id: GenerationID
    package let launch: Launch
    /// What was current before it, for a rollback when the drain is over; nil where nothing was.
    package internal(set) var previous: Launch?
    /// In the order of their indexes.
    package internal(set) var workers: [Worker]
    package internal(set) var state: GenerationState

    init(id: GenerationID, launch: Launch, previous: Launch?, state: GenerationState) {
        self.id = id
        self.launch = launch
        self.previous = previous
        self.state = state
        workers = (0..<launch.workers).map { Worker(index: $0) }
    }

    /// The word for it in `status`.
    package var phase: GenerationPhase {
        switch state {
        case .preparing, .starting: .starting
        case .current: .current
        case .draining: .draining
        case .retiring, .yielding: .retiring
        case .lending(let lending):
            switch lending.end {
            case .stopped: .retiring
            case .failed: .failed
            }
        case .stopped: .stopped
        case .failing, .failed: .failed
        }
    }

    /// The newest count of its flows, where it is counted: during its drain.
    package var flows: FlowCount? {
        switch state {
        case .draining(let draining): draining.flows
        case .preparing, .starting, .current, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            nil
        }
    }

    /// When its drain will be cut, where it drains and ever is.
    package var drainDeadline: Instant? {
        switch state {
        case .draining(let draining): draining.deadline
        case .preparing, .starting, .current, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            nil
        }
    }

    /// The handover that it is on the move for.
    package var handover: Handover? {
        switch state {
        case .preparing(let preparing): preparing.purpose.handover
        case .starting(let starting): starting.purpose.handover
        case .draining(let draining): draining.errand.handover
        case .retiring(let retiring): retiring.errand.handover
        case .failing(let failing): failing.handover
        case .yielding(let yielding): yielding.handover
        case .current, .lending, .stopped, .failed: nil
        }
    }

    /// Why it failed, where it did.
    package var failure: String? {
        switch state {
        case .failing(let failing): failing.reason
        case .failed(let reason): reason
        case .lending(let lending):
            switch lending.end {
            case .stopped: nil
            case .failed(let reason): reason
            }
        case .preparing, .starting, .current, .draining, .retiring, .yielding, .stopped: nil
        }
    }

    /// Whether nothing of it is left.
    package var isOver: Bool {
        switch state {
        case .stopped, .failed: true
        case .preparing, .starting, .current, .draining, .retiring, .failing, .yielding, .lending:
            false
        }
    }

    /// Whether every worker serves, so that it can be current (again).
    package var isWhole: Bool { workers.allSatisfy(\.isReady) }

    /// Whether no worker has a process, nor will.
    var isDeserted: Bool { workers.allSatisfy { $0.state == .gone } }

    /// Whether it waits for `queuesEmpty`, so that a supervisor that takes over has to watch them.
    package var waitsForQueues: Bool {
        switch state {
        case .retiring(let retiring):
            switch retiring.step {
            case .emptying: true
            case .lingering, .stopping: false
            }
        case .yielding(let yielding):
            switch yielding.step {
            case .emptying: true
            case .stopping: false
            }
        case .preparing, .starting, .current, .draining, .failing, .lending, .stopped, .failed:
            false
        }
    }

    /// Takes back what its workers said of their sessions during a drain that is called off.
    mutating func forgetDrained() {
        for index in workers.indices {
            switch workers[index].state {
            case .ready(let since, _):
                workers[index].state = .ready(since: since, drained: false)
            case .waiting, .spawning, .starting, .backingOff, .stopping, .killed, .gone: break
            }
        }
    }

    /// The sessions that its workers say they have.
    var sessions: Int {
        workers.reduce(0) { $0 + ($1.holdsSessions ? $1.sessions ?? 0 : 0) }
    }

    var readyIndexes: [Int] { workers.filter(\.isReady).map(\.index) }

    var allIndexes: [Int] { workers.map(\.index) }
}

/// Where a generation stands on its way, with what belongs to that place.
package enum GenerationState: Hashable, Codable, Sendable {
    /// Its bank is asked for.
    case preparing(Preparing)
    /// Its workers are started and not all of them are ready.
    case starting(Starting)
    /// New flows go to it.
    case current(Current)
    /// It keeps its flows and gets no new ones, except while the service ends.
    case draining(Draining)
    /// Its queues are emptied, then its workers stopped, then its bank freed.
    case retiring(Retiring)
    /// It will not be current; its workers are being stopped.
    case failing(Failing)
    /// It makes room for a generation that may not run beside it.
    case yielding(Yielding)
    /// It has no process left, and its bank waits to be inherited.
    case lending(Lending)
    case stopped
    case failed(reason: String)
}

extension GenerationState {
    /// Changes the handover that the generation is on the move for, if any.
    mutating func changeHandover(_ change: (inout Handover) -> Void) {
        switch self {
        case .preparing(var preparing):
            preparing.purpose.change(change)
            self = .preparing(preparing)
        case .starting(var starting):
            starting.purpose.change(change)
            self = .starting(starting)
        case .draining(var draining):
            draining.errand.change(change)
            self = .draining(draining)
        case .retiring(var retiring):
            retiring.errand.change(change)
            self = .retiring(retiring)
        case .failing(var failing):
            if var handover = failing.handover {
                change(&handover)
                failing.handover = handover
            }
            self = .failing(failing)
        case .yielding(var yielding):
            change(&yielding.handover)
            self = .yielding(yielding)
        case .current, .lending, .stopped, .failed: break
        }
    }
}

/// A generation's state as `status` shows it.
package enum GenerationPhase: String, Hashable, Codable, Sendable {
    case starting, current, draining, retiring, stopped, failed
}
