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
