/// The rules of handover and supervision as a value: events and the time go in, effects come out.
///
/// It holds no descriptor, no clock and no log. So it can be stored at any time, and the next supervisor
/// goes on with it: ids, deadlines and requests mean the same there. STATES.md draws the states of
/// generations and workers. Each file of this folder is one chapter of their story.
package struct Machine: Hashable, Sendable {
    /// The limits in force; a change counts for what begins after it.
    package internal(set) var policy: Policy
    /// In the order of their ids. A generation that is over is shown until the next one begins.
    package internal(set) var generations: [Generation] = []
    package internal(set) var service: ServiceState = .idle
    /// Where `steerNewFlows` last sent new flows; nil before the first flip.
    package internal(set) var steering: SteeringTarget?
    /// What the kernel has answered to that.
    package internal(set) var steeringAnswer = SteeringAnswer.accepted
    /// The handover that ended last, failed ones included.
    package internal(set) var lastHandover: HandoverReport?
    /// The rollbacks that are not done yet.
    package internal(set) var restoring: Restoring?
    var nextGeneration = GenerationID(1)

    package init(policy: Policy) {
        self.policy = policy
    }

    /// Takes an event in and returns what is to be done about it, in order.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var turn = Turn(at: now)
        take(event, &turn)
        repeat {
            settle(&turn)
        } while runDue(&turn)
        return turn.effects
    }

    private mutating func take(_ event: Event, _ turn: inout Turn) {
        switch event {
        case .start(let launch): start(launch, &turn)
        case .join(let request, let launch): join(request, launch, &turn)
        case .upgrade(let request, let launch, let canary, let watch, let dryRun):
            upgrade(request, launch, canary, watch, dryRun, &turn)
        case .promote(let request, let full, let meant):
            promote(request, full: full, meant: meant, &turn)
        case .hold(let request): hold(request, &turn)
        case .abort(let request): abort(request, &turn)
        case .rollback(let request): rollBack(request, &turn)
        case .restart(let request): restart(request, &turn)
        case .stop(let request, let drain): stop(request, drain: drain, &turn)
        case .changeDrain(let request, let id, let time, let keep):
            changeDrain(request, id, within: time, keep: keep, &turn)
        case .changePolicy(let policy): self.policy = policy
        case .bankPrepared(let id): bankPrepared(id, &turn)
        case .bankFailed(let id, let reason): bankFailed(id, reason, &turn)
        case .workerStarted(let id): workerStarted(id, &turn)
        case .workerStartFailed(let id, let reason):
            workerStartFailed(id, reason, &turn)
        case .seatNotTaken(let id): seatNotTaken(id, &turn)
        case .workerReady(let id): workerReady(id, &turn)
        case .workerFailed(let id, let reason): workerFailed(id, reason, &turn)
        case .workerExited(let id, let exit, let leavesQueue):
            workerDied(id, exit.description, leavesQueue: leavesQueue, &turn)
        case .workerDrained(let id): workerHas(id, sessions: 0)
        case .workerSessions(let id, let count): workerHas(id, sessions: count)
        case .extendTimeout(let id, let time): extendTimeout(id, by: time, turn)
        case .flowsCounted(let id, let count): flowsCounted(id, count, &turn)
        case .outsideCounted(let id, let count): outsideCounted(id, count, &turn)
        case .queuesEmpty(let id): queuesEmpty(id, &turn)
        case .dropsCounted(let id, let drops): dropsCounted(id, drops)
        case .steered(let id, let time): steered(id, time)
        case .steeringFailed(let id, let reason): steeringFailed(id, reason, &turn)
        case .resteeringFailed(let id, let reason): resteeringFailed(id, reason, &turn)
        case .checked(let id, let step, let failure): checked(id, step: step, failure, &turn)
        case .dropsSeen(let id, let total): dropsSeen(id, total: total, &turn)
        case .tick: break
        }
    }
}

/// Where the service stands as a whole.
package enum ServiceState: Hashable, Codable, Sendable {
    case idle
    case running
    /// It is being stopped; these requests are answered at the end.
    case stopping([RequestID])
    case ended(ServiceEnd)
}

// MARK: What follows from the state alone

extension Machine {
    /// Takes every step that waits for nothing any more.
    private mutating func settle(_ turn: inout Turn) {
        steer(&turn)
        // The end of one generation may be what an earlier one in the list waits for.
        var moved = true
        while moved {
            moved = false
            for id in generations.map(\.id) {
                while let index = index(of: id), settle(index, &turn) {
                    moved = true
                }
            }
        }
        settleService(&turn)
        settleRestoring(&turn)
    }

    /// Returns true if the generation took a step.
    private mutating func settle(_ index: Int, _ turn: inout Turn) -> Bool {
        switch generations[index].state {
        case .draining(let draining): settleDraining(index, draining, &turn)
        case .retiring(let retiring): settleRetiring(index, retiring, &turn)
        case .failing(let failing): settleFailing(index, failing, &turn)
        case .makingRoom(let makingRoom): settleMakingRoom(index, makingRoom, &turn)
        case .current(let current):
            current.watch.map { settleWatch(index, $0, &turn) } ?? false
        case .preparing, .starting, .reviving, .trial, .holdingBank, .stopped, .failed: false
        }
    }

    /// Sends new flows where they belong, if that has changed.
    mutating func steer(_ turn: inout Turn) {
        guard let target = steeringTarget, target != steering else { return }
        steering = target
        steeringAnswer = .awaited
        turn.emit(
            .steerNewFlows(
                to: target.generation, workers: target.workers, canary: target.canary))
    }

    /// Where new flows should go; nil where that stays as it is.
    private var steeringTarget: SteeringTarget? {
        for generation in generations {
            let ready = generation.readyIndexes
            switch generation.state {
            case .current:
                // With no worker alive, new flows wait in the queues for the next worker.
                let workers = ready.isEmpty ? Array(generation.allIndexes) : ready
                return SteeringTarget(
                    generation: generation.id, workers: workers, canary: trialTarget)
            case .draining(let draining):
                guard draining.reason == .serviceStop, !ready.isEmpty else { continue }
                return SteeringTarget(generation: generation.id, workers: ready)
            case .makingRoom(let makingRoom):
                return steeringTarget(generation, makingRoom)
            case .preparing, .starting, .reviving, .trial, .retiring, .failing, .holdingBank,
                .stopped, .failed:
                continue
            }
        }
        return nil
    }

    /// Where the share of a canary goes. With no worker of it ready, the current generation has that as well.
    private var trialTarget: TrialTarget? {
        guard let index = trialIndex, let trial = generations[index].trial else { return nil }
        let ready = generations[index].readyIndexes
        return ready.isEmpty
            ? nil
            : TrialTarget(
                generation: generations[index].id, workers: ready, clients: trial.clients,
                key: trial.plan.key)
    }
}

// MARK: What follows from the time

extension Machine {
    /// When `tick` is to be handed in, if nothing else happens before.
    package var nextDeadline: Instant? {
        var earliest: Instant?
        for (index, generation) in generations.enumerated() where !generation.isOver {
            for deadline in [generation.workers.earliestDeadline] + deadlines(index) {
                guard let deadline else { continue }
                earliest = min(earliest ?? deadline, deadline)
            }
        }
        return earliest
    }

    private func deadlines(_ index: Int) -> [Instant?] {
        switch generations[index].state {
        case .reviving(let reviving): [reviving.retryAt]
        case .draining(let draining): drainDeadlines(index, draining)
        case .retiring(let retiring): [retiring.step.deadline]
        case .makingRoom(let makingRoom): [makingRoom.step.deadline]
        case .trial(let trial): [trial.until, trial.drops?.nextCount]
        case .current(let current): current.watch?.deadlines ?? []
        case .preparing, .starting, .failing, .holdingBank, .stopped, .failed: []
        }
    }

    /// Does what is due; returns true if there was anything.
    private mutating func runDue(_ turn: inout Turn) -> Bool {
        var acted = false
        for id in generations.map(\.id) {
            guard let index = index(of: id), !generations[index].isOver else { continue }
            if let deadline = generations[index].workers.earliestDeadline, deadline <= turn.now {
                for worker in generations[index].allIndexes where runDue(index, worker, &turn) {
                    acted = true
                }
            }
            if runDue(index, &turn) {
                acted = true
            }
        }
        return acted
    }

    private mutating func runDue(_ index: Int, _ turn: inout Turn) -> Bool {
        switch generations[index].state {
        case .reviving(let reviving): askAgainIfDue(index, reviving, &turn)
        case .draining(let draining): countIfDue(index, draining, &turn)
        case .retiring(let retiring): stopIfDue(index, retiring, &turn)
        case .makingRoom(let makingRoom): stopIfDue(index, makingRoom, &turn)
        case .trial(let trial): goOnIfDue(index, trial, &turn)
        case .current(let current):
            current.watch.map { watchIfDue(index, $0, &turn) } ?? false
        case .preparing, .starting, .failing, .holdingBank, .stopped, .failed: false
        }
    }
}

// MARK: Looking up

extension Machine {
    /// The generation of that number, while it is shown.
    package func generation(_ id: GenerationID) -> Generation? {
        generations.first { $0.id == id }
    }

    /// The generation that new flows go to or wait for; nil before the first flip and at the end.
    package var current: GenerationID? {
        generations.last { generation in
            switch generation.state {
            case .current, .makingRoom, .holdingBank: true
            case .draining(let draining): draining.reason == .serviceStop
            case .retiring(let retiring): retiring.reason == .serviceStop
            case .starting(let starting): starting.purpose.inheritsBank
            case .failing(let failing): failing.bank == .held && failing.sequel != .free
            // Until they have their bank, the generation that holds it is meant.
            case .preparing, .reviving, .trial, .stopped, .failed: false
            }
        }?.id
    }

    /// What `upgrade` without a command starts again; nil before the start.
    package var launch: Launch? {
        current.flatMap(generation)?.launch ?? generations.last?.launch
    }

    /// The handovers under way, oldest first.
    package var handovers: [Handover] {
        generations.compactMap(\.handover)
    }

    /// Whether new flows go to that generation, all of them or a share.
    package func steers(to id: GenerationID) -> Bool {
        steering?.generation == id || steering?.canary?.generation == id
    }

    func index(of id: GenerationID) -> Int? {
        generations.firstIndex { $0.id == id }
    }

    /// Where a worker is stored; nil where its generation is no longer shown or has no such worker.
    func index(of id: WorkerID) -> (generation: Int, worker: Int)? {
        guard let index = index(of: id.generation),
            generations[index].workers.indices.contains(id.index)
        else { return nil }
        return (index, id.index)
    }

    func workerID(_ index: Int, _ worker: Int) -> WorkerID {
        WorkerID(generations[index].id, worker)
    }

    /// The generation in state `current`. There is none before the first flip, while a generation makes
    /// room for the next one, and while the service is being stopped.
    var currentIndex: Int? {
        generations.firstIndex { $0.current != nil }
    }

    /// Why the service takes no requests now; nil while it does.
    var notServing: String? {
        switch service {
        case .idle: "the service has not been started"
        case .running: nil
        case .stopping: "the service is being stopped"
        case .ended: "the service has ended"
        }
    }

    /// Whether there is something to hand over, and nothing in the way.
    package var mayHandOver: Bool {
        notServing == nil && handoverUnderWay == nil && currentIndex != nil
    }

    /// Why no handover can begin now: another one has not reached its flip.
    var handoverUnderWay: String? {
        for generation in generations {
            switch generation.state {
            case .preparing, .starting, .reviving:
                return "generation \(generation.id) is still starting"
            case .trial:
                return
                    "generation \(generation.id) is tried out on a share of the clients: promote "
                    + "or abort it first"
            case .makingRoom, .holdingBank:
                return "generation \(generation.id) is making room for the next one"
            case .current(let current):
                if current.watch != nil {
                    return
                        "generation \(generation.id) is being watched: wait, promote it or roll it "
                        + "back first"
                }
            case .draining, .retiring, .failing, .stopped, .failed: break
            }
        }
        return nil
    }
}
