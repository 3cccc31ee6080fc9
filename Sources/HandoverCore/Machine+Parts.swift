/// The machine in parts, each written down by itself, so that a change costs what has changed.
extension Machine {
    /// All but the generations.
    package struct Head: Hashable, Codable, Sendable {
        package let policy: Policy
        package let service: ServiceState
        package let steering: SteeringTarget?
        /// Nil where an older supervisor has written it.
        let steeringAnswer: SteeringAnswer?
        package let lastHandover: HandoverReport?
        let restoring: Restoring?
        let nextGeneration: GenerationID
    }

    package var head: Head {
        Head(
            policy: policy, service: service, steering: steering,
            steeringAnswer: steeringAnswer, lastHandover: lastHandover, restoring: restoring,
            nextGeneration: nextGeneration)
    }

    /// Puts a machine together again.
    package init(_ head: Head, generations: [Generation]) {
        self.init(policy: head.policy)
        service = head.service
        steering = head.steering
        steeringAnswer = head.steeringAnswer ?? .accepted
        lastHandover = head.lastHandover
        restoring = head.restoring
        nextGeneration = head.nextGeneration
        self.generations = generations
    }

    /// The workers that have changed since this was asked last; not those of generations that are gone.
    package mutating func takeChanged() -> [WorkerID] {
        generations.indices.flatMap { index in
            generations[index].workers.takeChanged().map { workerID(index, $0) }
        }
    }

    /// What was asked of the shell and is not answered, as the state shows it: a successor brings it
    /// about again.
    package mutating func repeatOpenEffects() -> [Effect] {
        // Nobody leaves before it is known again, and with it which flows have moved on.
        if steering != nil, steeringAnswer == .accepted { steeringAnswer = .awaited }
        return openEffects
    }

    private var openEffects: [Effect] {
        var effects: [Effect] = []
        for generation in generations {
            if generation.state.asksForBank {
                let id = generation.id
                let workers = generation.launch.workers
                if let holder = bankHolder(for: id) {
                    effects.append(
                        .inheritBank(id, workers: workers, from: generations[holder].id))
                } else {
                    effects.append(.prepareBank(id, workers: workers))
                }
            }
            for worker in generation.workers where worker.isSpawning {
                effects.append(.startWorker(WorkerID(generation.id, worker.index)))
            }
            effects += openMoves(of: generation)
            if generation.waitsForQueues { effects.append(.watchQueues(generation.id)) }
            if let trial = generation.trial, let check = trial.plan.check, trial.check == .running {
                effects.append(.runCheck(generation.id, step: trial.step, command: check))
            }
            if let dryRun = generation.handover?.dryRun, let check = dryRun.check,
                generation.starting?.check == .running
            {
                effects.append(.runCheck(generation.id, step: 0, command: check))
            }
            if let watch = generation.watch, let check = watch.plan.check, watch.isChecked {
                effects.append(.runCheck(generation.id, step: watch.step, command: check))
            }
            if generation.trial?.lastCount == .running || generation.watch?.lastCount == .running {
                effects.append(.countDrops(generation.id))
            }
        }
        if let steering {
            effects.append(
                .steerNewFlows(
                    to: steering.generation, workers: steering.workers, canary: steering.canary))
        }
        return effects
    }

    /// Flows that are to go elsewhere: the kernel may have refused it, and the crash come before it was asked
    /// again.
    private func openMoves(of generation: Generation) -> [Effect] {
        if generation.retiring?.reason.handover != nil { return [.resteer(generation.id)] }
        if let makingRoom = generation.makingRoom, case .emptying = makingRoom.step,
            case .replacement(let launch) = makingRoom.next
        {
            return generation.allIndexes.filter { $0 >= launch.workers }
                .map { .abandonWorker(WorkerID(generation.id, $0)) }
        }
        guard generation.draining?.reason.handover != nil else { return [] }
        return generation.workers.filter { $0.state == .gone }
            .map { .abandonWorker(WorkerID(generation.id, $0.index)) }
    }
}

extension Generation {
    /// All but the workers.
    package struct Head: Hashable, Codable, Sendable {
        package let id: GenerationID
        package let launch: Launch
        let previous: Launch?
        let state: GenerationState

        /// Whether new flows go to it.
        package var isCurrent: Bool {
            if case .current = state { true } else { false }
        }

        /// Whether it tells of a generation what is so now.
        package func isHead(of generation: Generation) -> Bool {
            // A generation's launch stays what it is.
            id == generation.id && state == generation.state && previous == generation.previous
        }
    }

    package var head: Head {
        Head(id: id, launch: launch, previous: previous, state: state)
    }

    /// Puts a generation together again.
    package init(_ head: Head, workers: [Worker]) {
        self.init(id: head.id, launch: head.launch, previous: head.previous, state: head.state)
        self.workers = Crew(workers)
    }
}

extension GenerationState {
    /// Whether its bank was asked for and has neither come nor failed.
    fileprivate var asksForBank: Bool {
        switch self {
        case .preparing: true
        case .reviving(let reviving): reviving.retryAt == nil
        case .failing(let failing): failing.bank == .asked
        case .starting, .trial, .current, .draining, .retiring, .makingRoom, .holdingBank,
            .stopped, .failed:
            false
        }
    }
}
