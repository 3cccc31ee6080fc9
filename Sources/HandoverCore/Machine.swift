/// The rules of handover and supervision: events and the time in, effects out, nothing else.
///
/// It holds no descriptor, clock or log, so it can be written down at any time and carried on by the
/// next supervisor: ids, deadlines and requests mean the same there.
package struct Machine: Hashable, Sendable {
    /// The limits in force; a change counts for what begins after it.
    package var policy: Policy
    /// In the order of their ids. One that is over stays to be shown until the next one begins.
    package internal(set) var generations: [Generation] = []
    package internal(set) var service: ServiceState = .idle
    /// Where `steerNewFlows` last sent new flows; nil before the first flip.
    package internal(set) var steering: SteeringTarget?
    /// The handover that ended last, failed ones included.
    package internal(set) var lastHandover: HandoverReport?
    var nextGeneration = GenerationID(1)

    package init(policy: Policy) {
        self.policy = policy
    }

    /// Takes an event in and says what is to be done about it, in order.
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
        case .upgrade(let request, let launch): upgrade(request, launch, &turn)
        case .rollback(let request): rollBack(request, &turn)
        case .restart(let request): restart(request, &turn)
        case .stop(let request, let drain): stop(request, drain: drain, &turn)
        case .changeDrainDeadline(let request, let id, let time):
            changeDrainDeadline(request, id, time, &turn)
        case .bankPrepared(let id): bankPrepared(id, &turn)
        case .bankFailed(let id, let reason): bankFailed(id, reason, &turn)
        case .workerStarted(let id): workerStarted(id, &turn)
        case .workerStartFailed(let id, let reason):
            workerDied(id, "could not be started: \(reason)", leavesQueue: false, &turn)
        case .workerReady(let id): workerReady(id, &turn)
        case .workerFailed(let id, let reason): workerFailed(id, reason, &turn)
        case .workerExited(let id, let exit, let leavesQueue):
            workerDied(id, exit.description, leavesQueue: leavesQueue, &turn)
        case .workerDrained(let id): workerHas(id, sessions: 0)
        case .workerSessions(let id, let count): workerHas(id, sessions: count)
        case .extendTimeout(let id, let time): extendTimeout(id, by: time, turn)
        case .flowsCounted(let id, let count): flowsCounted(id, count, &turn)
        case .queuesEmpty(let id): queuesEmpty(id, &turn)
        case .dropsCounted(let id, let drops): dropsCounted(id, drops)
        case .flipMeasured(let id, let time): flipMeasured(id, time)
        case .tick: break
        }
    }
}

extension Machine {
    /// Takes every step that waits for nothing any more.
    mutating func settle(_ turn: inout Turn) {
        steer(&turn)
        // One generation's end may be what another one, before it in line, waits for.
        var moved = true
        while moved {
            moved = false
            for id in generations.map(\.id) {
                while let place = position(id), settle(place, &turn) {
                    moved = true
                }
            }
        }
        settleService(&turn)
    }

    /// True if the generation took a step.
    private mutating func settle(_ place: Int, _ turn: inout Turn) -> Bool {
        switch generations[place].state {
        case .draining(let draining):
            guard let cause = drainEnd(place, draining, at: turn.now) else { return false }
            retire(place, draining, cause, &turn)
            return true
        case .retiring(let retiring): return settleRetiring(place, retiring, &turn)
        case .failing(let failing): return settleFailing(place, failing, &turn)
        case .yielding(let yielding): return settleYielding(place, yielding, &turn)
        case .preparing, .starting, .current, .lending, .stopped, .failed: return false
        }
    }

    /// Tells where new flows go, if that has changed.
    mutating func steer(_ turn: inout Turn) {
        guard let target = steeringTarget, target != steering else { return }
        steering = target
        turn.emit(.steerNewFlows(to: target.generation, workers: target.workers))
    }

    /// Where new flows should go; nil where that stays as it is.
    private var steeringTarget: SteeringTarget? {
        for generation in generations {
            let ready = generation.readyIndexes
            switch generation.state {
            case .current:
                // With no worker alive they wait in the queues for the next one.
                let workers = ready.isEmpty ? generation.allIndexes : ready
                return SteeringTarget(generation: generation.id, workers: workers)
            case .draining(let draining):
                guard draining.errand == .serviceStop, !ready.isEmpty else { continue }
                return SteeringTarget(generation: generation.id, workers: ready)
            case .yielding(let yielding):
                return yieldingTarget(generation, yielding)
            case .preparing, .starting, .retiring, .failing, .lending, .stopped, .failed: continue
            }
        }
        return nil
    }
}

extension Machine {
    /// When to hand in `tick` at the latest, if nothing else happens.
    package var nextDeadline: Instant? {
        var earliest: Instant?
        for (place, generation) in generations.enumerated() where !generation.isOver {
            for deadline in generation.workers.map(\.deadline) + deadlines(place) {
                guard let deadline else { continue }
                earliest = min(earliest ?? deadline, deadline)
            }
        }
        return earliest
    }

    private func deadlines(_ place: Int) -> [Instant?] {
        switch generations[place].state {
        case .preparing(let preparing):
            switch preparing.bank {
            case .asked: []
            case .retry(let at): [at]
            }
        case .draining(let draining):
            [
                draining.nextCount,
                waitsForOthers(place, draining.errand) ? nil : draining.deadline,
                draining.flows == nil ? nil : holdEnd(place, draining),
            ]
        case .retiring(let retiring):
            switch retiring.step {
            case .emptying(let until), .lingering(let until): [until]
            case .stopping: []
            }
        case .yielding(let yielding):
            switch yielding.step {
            case .emptying(let until): [until]
            case .stopping: []
            }
        case .starting, .current, .failing, .lending, .stopped, .failed: []
        }
    }

    /// Does what is due; true if there was anything.
    mutating func runDue(_ turn: inout Turn) -> Bool {
        var acted = false
        for id in generations.map(\.id) {
            guard let place = position(id), !generations[place].isOver else { continue }
            for index in generations[place].allIndexes where runDue(place, index, &turn) {
                acted = true
            }
            if runDue(place, &turn) {
                acted = true
            }
        }
        return acted
    }

    private mutating func runDue(_ place: Int, _ turn: inout Turn) -> Bool {
        switch generations[place].state {
        case .preparing(let preparing): return askAgainIfDue(place, preparing, &turn)
        case .draining(let draining): return countIfDue(place, draining, &turn)
        case .retiring(let retiring): return stopIfDue(place, retiring, &turn)
        case .yielding(let yielding): return stopIfDue(place, yielding, &turn)
        case .starting, .current, .failing, .lending, .stopped, .failed: return false
        }
    }
}

extension Machine {
    func position(_ id: GenerationID) -> Int? {
        generations.firstIndex { $0.id == id }
    }

    /// Where a worker is kept; nil for a generation no longer shown and for an index that is none of its.
    func position(_ id: WorkerID) -> (generation: Int, worker: Int)? {
        guard let place = position(id.generation),
            generations[place].workers.indices.contains(id.index)
        else { return nil }
        return (place, id.index)
    }

    /// The generation in state `current`; none before the first flip, while a generation makes room for
    /// the next one, and while the service ends.
    var currentPosition: Int? {
        generations.firstIndex { generation in
            switch generation.state {
            case .current: true
            case .preparing, .starting, .draining, .retiring, .failing, .yielding, .lending,
                .stopped, .failed:
                false
            }
        }
    }

    func workerID(_ place: Int, _ index: Int) -> WorkerID {
        WorkerID(generations[place].id, index)
    }

    /// Why nothing can be asked of the service now; nil while it runs.
    var notServing: String? {
        switch service {
        case .idle: "the service has not been started"
        case .running: nil
        case .stopping: "the service is being stopped"
        case .ended: "the service has ended"
        }
    }

    /// Why no handover can begin now: one is on its way to the flip.
    var handoverUnderWay: String? {
        for generation in generations {
            switch generation.state {
            case .preparing, .starting: return "generation \(generation.id) is still starting"
            case .yielding, .lending:
                return "generation \(generation.id) is making room for the next one"
            case .current, .draining, .retiring, .failing, .stopped, .failed: break
            }
        }
        return nil
    }
}

extension Machine {
    /// The generation that new flows go to or wait for; nil before the first flip and at the end.
    package var current: GenerationID? {
        generations.last { generation in
            switch generation.state {
            case .current: true
            case .draining(let draining): draining.errand == .serviceStop
            case .retiring(let retiring): retiring.errand == .serviceStop
            case .yielding, .lending: true
            case .starting(let starting): starting.purpose.takesBankOver
            case .failing(let failing): failing.bank == .held && failing.sequel != .free
            case .preparing, .stopped, .failed: false
            }
        }?.id
    }

    /// The generation of that number, while it is shown.
    package func generation(_ id: GenerationID) -> Generation? {
        generations.first { $0.id == id }
    }

    /// What `upgrade` without a command starts again; nil before the start.
    package var launch: Launch? {
        current.flatMap(generation)?.launch ?? generations.last?.launch
    }

    /// The handovers under way, oldest first.
    package var handovers: [Handover] {
        generations.compactMap(\.handover)
    }
}

/// One call of `Machine.handle`: the time it is, and what has come out so far.
struct Turn {
    let now: Instant
    private(set) var effects: [Effect] = []

    init(at now: Instant) {
        self.now = now
    }

    mutating func emit(_ effect: Effect) {
        effects.append(effect)
    }

    /// Nothing where nobody asked.
    mutating func answer(_ request: RequestID?, _ answer: Answer) {
        if let request {
            emit(.answer(request, answer))
        }
    }

    mutating func note(_ generation: Generation, _ step: ProgressStep) {
        note(generation.id, generation.handover?.request, step)
    }

    mutating func note(_ id: GenerationID, _ request: RequestID?, _ step: ProgressStep) {
        emit(.progress(Progress(at: now, generation: id, request: request, step: step)))
    }
}

/// Where the service stands as a whole.
package enum ServiceState: Hashable, Codable, Sendable {
    case idle
    case running
    /// It ends; these requests are answered at the end.
    case stopping([RequestID])
    case ended(ServiceEnd)
}
