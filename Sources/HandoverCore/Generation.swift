/// What a generation is started from.
package struct Launch: Hashable, Codable, Sendable {
    /// The program and its arguments, before any replacement of `{fd}` and the like.
    package var command: [String]
    /// The number of processes, at least 1.
    package var workers: Int
    /// What workers that join call their generation; nil where they are started here.
    package var group: String?
    /// The generation for which the command's files were found, which a start from here runs again; nil for
    /// what the command names when it is started.
    package private(set) var program: GenerationID?

    package init(command: [String], workers: Int, group: String? = nil) {
        self.command = command
        self.workers = workers
        self.group = group
    }

    /// The same command, for the files that it names when it is started.
    var afresh: Launch { Launch(command: command, workers: workers, group: group) }

    /// What a generation is started from: files that were found before, or else those of its own.
    package func begun(by generation: GenerationID) -> Launch {
        var launch = self
        if program == nil, !isJoined { launch.program = generation }
        return launch
    }

    /// Whether somebody who names commands and workers means the same.
    package func isSame(as other: Launch) -> Bool {
        command == other.command && workers == other.workers && group == other.group
    }

    /// Whether its workers are started elsewhere: `startWorker` then makes a seat that one may take.
    package var isJoined: Bool { group != nil }

    /// Why nothing can be started from it, if so.
    var fault: String? {
        if command.isEmpty { return "no command is given" }
        return workers < 1 ? "at least one worker is needed, not \(workers)" : nil
    }
}

extension Launch {
    /// A launch with an invalid number of workers cannot come from a record.
    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        command = try keys.decode([String].self, forKey: .command)
        workers = try keys.decode(Int.self, forKey: .workers)
        group = try keys.decodeIfPresent(String.self, forKey: .group)
        program = try keys.decodeIfPresent(GenerationID.self, forKey: .program)
        guard 0...1_000_000 ~= workers else {
            throw DecodingError.dataCorruptedError(
                forKey: .workers, in: keys, debugDescription: "\(workers) workers")
        }
    }
}

/// All workers of one start of one version.
package struct Generation: Hashable, Codable, Sendable {
    package let id: GenerationID
    package let launch: Launch
    /// What was current before it, for a rollback after the drain; nil where nothing was.
    package internal(set) var previous: Launch?
    package internal(set) var workers: Crew
    package internal(set) var state: GenerationState

    init(id: GenerationID, launch: Launch, previous: Launch?, state: GenerationState) {
        self.id = id
        self.launch = launch
        self.previous = previous
        self.state = state
        workers = Crew((0..<launch.workers).map { Worker(index: $0) })
    }
}

/// Where a generation stands, with the data that belongs to that state. STATES.md draws the ways between.
package enum GenerationState: Hashable, Codable, Sendable {
    /// Its bank is asked for.
    case preparing(StartPurpose)
    /// Its workers have been started and are not all ready.
    case starting(Starting)
    /// It starts the old launch again after a failed replacement. Its bank is asked for.
    case reviving(Reviving)
    /// A share of the new flows goes to it.
    case trial(Trial)
    /// New flows go to it.
    case current(Current)
    /// It keeps its flows and gets no new ones, except while the service is being stopped.
    case draining(Draining)
    /// Its queues are emptied, then its workers stopped, then its bank freed.
    case retiring(Retiring)
    /// It will not become current. Its workers are being stopped.
    case failing(Failing)
    /// It makes room for a generation that may not run beside it.
    case makingRoom(MakingRoom)
    /// It has no process left. Its bank waits for the next generation.
    case holdingBank(HoldingBank)
    case stopped
    case failed(reason: String)
}

/// A generation's state as `status` shows it.
package enum GenerationPhase: String, Hashable, Codable, Sendable {
    case starting, canary, current, draining, retiring, stopped, failed
}

// MARK: What a state means

extension Generation {
    /// The word for its state in `status`.
    package var phase: GenerationPhase {
        switch state {
        case .preparing, .starting, .reviving: .starting
        case .trial: .canary
        case .current: .current
        case .draining: .draining
        case .retiring, .makingRoom: .retiring
        case .holdingBank(let holding):
            switch holding.end {
            case .stopped: .retiring
            case .failed: .failed
            }
        case .stopped: .stopped
        case .failing(let failing): failing.hasPassed ? .retiring : .failed
        case .failed: .failed
        }
    }

    /// The handover that it carries, if any: the new generation until the flip, then the one that leaves.
    /// Setting it changes that handover; setting nil changes nothing.
    package internal(set) var handover: Handover? {
        get {
            switch state {
            case .preparing(let purpose): purpose.handover
            case .starting(let starting): starting.purpose.handover
            case .trial(let trial): trial.handover
            case .draining(let draining): draining.reason.handover
            case .retiring(let retiring): retiring.reason.handover
            case .failing(let failing): failing.handover
            case .makingRoom(let makingRoom): makingRoom.handover
            case .reviving, .current, .holdingBank, .stopped, .failed: nil
            }
        }
        set {
            guard let newValue else { return }
            switch state {
            case .preparing(var purpose):
                purpose.handover = newValue
                state = .preparing(purpose)
            case .starting: starting?.purpose.handover = newValue
            case .trial: trial?.handover = newValue
            case .draining: draining?.reason.handover = newValue
            case .retiring: retiring?.reason.handover = newValue
            case .failing: failing?.handover = newValue
            case .makingRoom: makingRoom?.handover = newValue
            case .reviving, .current, .holdingBank, .stopped, .failed: break
            }
        }
    }

    /// The newest count of its flows; nil unless it drains.
    package var flows: FlowCount? { draining?.flows }

    /// The newest count of its sessions outside its slots; nil unless it drains.
    package var outside: OutsideCount? { draining?.outside }

    /// When its drain will be cut; nil unless it drains and for a drain without a limit.
    package var drainDeadline: Instant? { draining?.deadline }

    /// When its drain began; nil unless it drains.
    package var drainBegan: Instant? { draining?.began }

    /// Why it failed; nil where it did not.
    package var failure: String? {
        switch state {
        case .failing(let failing): failing.hasPassed ? nil : failing.reason
        case .failed(let reason): reason
        case .holdingBank(let holding):
            switch holding.end {
            case .stopped: nil
            case .failed(let reason): reason
            }
        case .preparing, .starting, .reviving, .trial, .current, .draining, .retiring,
            .makingRoom, .stopped:
            nil
        }
    }

    /// Whether nothing of it is left.
    package var isOver: Bool {
        switch state {
        case .stopped, .failed: true
        case .preparing, .starting, .reviving, .trial, .current, .draining, .retiring, .failing,
            .makingRoom, .holdingBank:
            false
        }
    }

    /// Whether every worker serves, so that it can become current (again).
    package var isWhole: Bool { workers.isWhole }

    /// Whether no worker has a process or will get one.
    var isDeserted: Bool { workers.isDeserted }

    /// Whether it waits for `queuesEmpty`: a supervisor that takes over has to watch its queues.
    package var waitsForQueues: Bool {
        if case .emptying = retiring?.step { return true }
        if case .emptying = makingRoom?.step { return true }
        return false
    }

    /// Takes back what its workers said of their sessions, because its drain is called off.
    mutating func forgetDrained() {
        for index in workers.indices {
            workers[index].setDrained(false)
        }
    }

    /// The sessions that its workers say they have.
    var sessions: Int { workers.sessions }

    /// How many of its workers serve.
    package var readyWorkers: Int { workers.ready.count }

    package var readyIndexes: [Int] { workers.ready }

    var allIndexes: Range<Int> { workers.indices }
}

// MARK: The data of one state

/// Each reads as nil in any other state. Setting it enters the state; setting nil changes nothing.
extension Generation {
    var starting: Starting? {
        get { if case .starting(let data) = state { data } else { nil } }
        set { if let newValue { state = .starting(newValue) } }
    }

    var reviving: Reviving? {
        get { if case .reviving(let data) = state { data } else { nil } }
        set { if let newValue { state = .reviving(newValue) } }
    }

    /// How it is tried out; nil unless it is.
    package internal(set) var trial: Trial? {
        get { if case .trial(let data) = state { data } else { nil } }
        set { if let newValue { state = .trial(newValue) } }
    }

    var current: Current? {
        get { if case .current(let data) = state { data } else { nil } }
        set { if let newValue { state = .current(newValue) } }
    }

    /// The watch over it; nil where there is none.
    package var watch: Watch? { current?.watch }

    var draining: Draining? {
        get { if case .draining(let data) = state { data } else { nil } }
        set { if let newValue { state = .draining(newValue) } }
    }

    var retiring: Retiring? {
        get { if case .retiring(let data) = state { data } else { nil } }
        set { if let newValue { state = .retiring(newValue) } }
    }

    var failing: Failing? {
        get { if case .failing(let data) = state { data } else { nil } }
        set { if let newValue { state = .failing(newValue) } }
    }

    /// Whether its bank is passed on to the next generation once its workers are gone.
    package var passesBankOn: Bool { makingRoom != nil }

    var makingRoom: MakingRoom? {
        get { if case .makingRoom(let data) = state { data } else { nil } }
        set { if let newValue { state = .makingRoom(newValue) } }
    }

    var holdingBank: HoldingBank? {
        get { if case .holdingBank(let data) = state { data } else { nil } }
        set { if let newValue { state = .holdingBank(newValue) } }
    }
}
