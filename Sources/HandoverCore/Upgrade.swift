// An upgrade, from the request to the flip or to its failure. The first start goes the same way.

/// What a generation is started for, which decides what happens when it gets ready or fails.
package enum StartPurpose: Hashable, Codable, Sendable {
    /// It is the service's first.
    case first
    /// It takes over from the current generation, which serves meanwhile.
    case upgrade(Handover)
    /// It takes over the bank of a generation that was stopped for it. If it fails, `fallback` is started
    /// again.
    case replacement(Handover, fallback: Fallback)

    var handover: Handover? {
        get {
            switch self {
            case .upgrade(let handover), .replacement(let handover, _): handover
            case .first: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .upgrade: self = .upgrade(newValue)
            case .replacement(_, let fallback):
                self = .replacement(newValue, fallback: fallback)
            case .first: break
            }
        }
    }

    /// Whether new flows wait in the bank that it inherits.
    var inheritsBank: Bool {
        switch self {
        case .first, .upgrade: false
        case .replacement: true
        }
    }
}

/// A generation whose workers have been started and are not all ready.
package struct Starting: Hashable, Codable, Sendable {
    var purpose: StartPurpose
    /// Whether every process has been seen to run.
    var allRun = false
    /// Of a dry run: where its check stands; nil before it is run.
    var check: StepCheck?
}

/// A generation that will not become current, until its workers are gone.
package struct Failing: Hashable, Codable, Sendable {
    /// What is known of the bank that it asked for.
    enum Bank: Hashable, Codable, Sendable {
        case asked, held
        /// It was not granted.
        case none
    }

    /// What becomes of the bank.
    enum Sequel: Hashable, Codable, Sendable {
        case free
        /// It is inherited by a generation that starts this launch again.
        case revive(Fallback)
    }

    let reason: String
    /// The handover that fails with it; nil where it is the first generation or a revival.
    var handover: Handover?
    var bank: Bank
    var sequel: Sequel

    /// Whether it was a dry run that went well.
    var hasPassed: Bool { handover?.outcome == .passed }
}

// MARK: The request

extension Machine {
    mutating func start(_ launch: Launch, _ turn: inout Turn) {
        guard service == .idle else { return }
        if let fault = launch.fault {
            end(.failed(fault), &turn)
            return
        }
        service = .running
        let id = add(launch, .preparing(.first), previous: nil, &turn)
        turn.emit(.prepareBank(id, workers: launch.workers))
    }

    mutating func upgrade(
        _ request: RequestID, _ launch: Launch?, _ canary: CanaryPlan?, _ watch: WatchPlan?,
        _ dryRun: DryRun?, _ turn: inout Turn
    ) {
        if let index = currentIndex, (launch ?? generations[index].launch).isJoined {
            turn.answer(request, .refused(Self.joinByThemselves))
            return
        }
        hand(
            over: request, to: launch, overlap: policy.overlap, canary: canary, watch: watch,
            dryRun: dryRun, &turn)
    }

    /// The common way of all requests for another generation.
    mutating func hand(
        over request: RequestID, to launch: Launch?, overlap: Bool,
        canary: CanaryPlan? = nil, watch: WatchPlan? = nil, dryRun: DryRun? = nil,
        _ turn: inout Turn
    ) {
        if let refusal = notServing ?? handoverUnderWay {
            turn.answer(request, .refused(refusal))
            return
        }
        guard let index = currentIndex else {
            turn.answer(request, .refused("no generation is current"))
            return
        }
        let current = generations[index]
        let launch = launch ?? current.launch.afresh
        if let fault = launch.fault {
            turn.answer(request, .refused(fault))
            return
        }
        var handover = Handover(
            from: current.id, to: nextGeneration, request: request, canary: canary, at: turn.now)
        handover.watch = watch
        handover.dryRun = dryRun
        // With nobody there to overlap with, what waits is for the next generation to read.
        if overlap, !current.isForsaken {
            let id = add(
                launch, .preparing(.upgrade(handover)), previous: current.launch, &turn)
            turn.emit(.prepareBank(id, workers: launch.workers))
        } else if canary != nil || watch != nil || dryRun != nil {
            let what = canary != nil ? "a canary" : dryRun != nil ? "a dry run" : "a watch"
            turn.answer(
                request,
                .refused(
                    overlap
                        ? "no worker of the current generation is there beside which \(what) could run"
                        : "\(what) needs the current generation to go on beside it, and these may not "
                            + "overlap"))
        } else {
            makeRoom(index, for: launch, handover, &turn)
        }
    }

    /// Adds a generation that waits for its bank, which the caller asks for. Generations that are over are
    /// shown no more.
    mutating func add(
        _ launch: Launch, _ state: GenerationState, previous: Launch?, _ turn: inout Turn
    ) -> GenerationID {
        generations.removeAll(where: \.isOver)
        let id = nextGeneration
        nextGeneration = GenerationID(id.number + 1)
        let generation = Generation(
            id: id, launch: launch.begun(by: id), previous: previous, state: state)
        generations.append(generation)
        turn.note(generation, .preparing(workers: launch.workers))
        return id
    }
}

// MARK: The bank, the processes, ready

extension Machine {
    mutating func bankPrepared(_ id: GenerationID, _ turn: inout Turn) {
        guard let index = index(of: id) else { return }
        switch generations[index].state {
        case .preparing(let purpose):
            dismissBankHolder(for: id, &turn)
            generations[index].state = .starting(Starting(purpose: purpose))
            spawnAll(index, &turn)
        case .reviving(let reviving):
            guard reviving.retryAt == nil else { return }
            dismissBankHolder(for: id, &turn)
            // There is nothing else that new flows could go to. So it is current at once, and started
            // again and again, like any current generation whose workers died.
            generations[index].state = .current(Current(mayRollBack: false, since: turn.now))
            steer(&turn)
            spawnAll(index, &turn)
        case .failing(let failing):
            guard failing.bank == .asked else { return }
            dismissBankHolder(for: id, &turn)
            generations[index].failing?.bank = .held
        case .starting, .trial, .current, .draining, .retiring, .makingRoom, .holdingBank,
            .stopped, .failed:
            break
        }
    }

    mutating func bankFailed(_ id: GenerationID, _ reason: String, _ turn: inout Turn) {
        guard let index = index(of: id) else { return }
        switch generations[index].state {
        case .preparing: fail(index, reason, bank: .none, &turn)
        case .reviving(let reviving):
            retryLater(index, reviving, turn)
            cannotRestore(id, reason, &turn)
        case .failing(let failing):
            guard failing.bank == .asked else { return }
            generations[index].failing?.bank = .none
        case .starting, .trial, .current, .draining, .retiring, .makingRoom, .holdingBank,
            .stopped, .failed:
            break
        }
    }

    mutating func workerStarted(_ id: WorkerID, _ turn: inout Turn) {
        guard let (index, worker) = index(of: id),
            case .spawning(let limit) = generations[index].workers[worker].state
        else { return }
        // A worker that joins has only just begun, however long its seat was free.
        let own =
            generations[index].launch.isJoined ? Limit(turn.now + policy.readyTimeout) : limit
        generations[index].workers[worker].state = .starting(own)
        checkStarted(index, &turn)
    }

    /// Notes the moment in which the last process of a starting generation runs.
    private mutating func checkStarted(_ index: Int, _ turn: inout Turn) {
        guard let starting = generations[index].starting, !starting.allRun,
            !generations[index].workers.isSpawning
        else { return }
        generations[index].starting?.allRun = true
        generations[index].handover?.end(\.start, at: turn.now)
        turn.note(generations[index], .started)
    }

    mutating func workerReady(_ id: WorkerID, _ turn: inout Turn) {
        guard let (index, worker) = index(of: id) else { return }
        switch generations[index].workers[worker].state {
        case .spawning, .starting: break
        case .waiting, .ready, .backingOff, .stopping, .killed, .gone: return
        }
        // A worker started during a drain is there to read its queue. It has no session to end.
        let generation = generations[index]
        let drained = generation.phase == .draining && generation.handover != nil
        generations[index].workers[worker].state = .ready(since: turn.now, drained: drained)
        turn.note(generations[index], .workerReady(worker))
        checkStarted(index, &turn)
        if let starting = generations[index].starting, generations[index].isWhole {
            flip(index, starting, &turn)
        }
    }
}

// MARK: The flip

extension Machine {
    /// All workers of a starting generation are ready: from here on it is current.
    private mutating func flip(_ index: Int, _ starting: Starting, _ turn: inout Turn) {
        turn.note(generations[index], .ready)
        var purpose = starting.purpose
        purpose.handover?.end(\.ready, at: turn.now)
        let id = generations[index].id
        switch purpose {
        case .first:
            generations[index].state = .current(Current(mayRollBack: false, since: turn.now))
            steer(&turn)
            turn.note(id, nil, .flipped(from: nil))
        case .upgrade(let handover):
            if let dryRun = handover.dryRun {
                generations[index].handover = handover
                tryOut(index, dryRun, &turn)
            } else if let plan = handover.canary {
                beginTrial(index, handover, plan, &turn)
            } else {
                takeOver(index, handover, &turn)
            }
        case .replacement(let handover, _):
            generations[index].state = .current(Current(mayRollBack: false, since: turn.now))
            steer(&turn)
            turn.note(id, handover.request, .flipped(from: handover.from))
            turn.answer(handover.request, .current(id))
            report(handover, cutFlows: 0, &turn)
        }
    }

    /// Steers new flows with one store, then drains the generation that was current.
    mutating func takeOver(_ index: Int, _ handover: Handover, _ turn: inout Turn) {
        guard let old = currentIndex else { return }
        var handover = handover
        // A rollback meanwhile may have made another generation current than the one at the request.
        handover.from = generations[old].id
        let trial = generations[index].trial
        let watch = handover.watch.map { Watch($0, after: trial, at: turn.now) }
        generations[index].previous = generations[old].launch
        generations[index].state = .current(
            Current(mayRollBack: true, since: turn.now, watch: watch))
        drain(old, .handover(handover), turn)
        // It is told to drain, and has its time for that, when the watch is over.
        if watch != nil { generations[old].draining?.deadline = nil }
        steer(&turn)
        turn.note(generations[index].id, handover.request, .flipped(from: handover.from))
        announceDrain(old, revivingDead: true, &turn)
        if let watch {
            turn.note(generations[index].id, handover.request, .watching(watch.plan.time))
        } else {
            turn.answer(handover.request, .current(generations[index].id))
        }
    }
}

// MARK: The failure

extension Machine {
    /// A generation that is not current yet will not become it. Its workers are stopped and its bank is
    /// taken back; the request is answered when nothing of it is left.
    mutating func fail(
        _ index: Int, _ reason: String, bank: Failing.Bank, _ turn: inout Turn
    ) {
        let purpose: StartPurpose?
        switch generations[index].state {
        case .preparing(let its): purpose = its
        case .starting(let starting): purpose = starting.purpose
        case .reviving: purpose = nil
        case .trial, .current, .draining, .retiring, .failing, .makingRoom, .holdingBank,
            .stopped, .failed:
            return
        }
        var failing = Failing(
            reason: reason, handover: purpose?.handover, bank: bank, sequel: .free)
        failing.handover?.outcome = .failed(reason: reason)
        if case .replacement(_, let fallback) = purpose, notServing == nil {
            failing.sequel = .revive(fallback)
        }
        generations[index].state = .failing(failing)
        turn.note(generations[index], .failing(reason: reason))
        stopWorkers(index, &turn)
    }

    /// Ends a failing generation once it has no worker and it is known whether its bank is there.
    mutating func settleFailing(_ index: Int, _ failing: Failing, _ turn: inout Turn) -> Bool {
        guard generations[index].isDeserted, failing.bank != .asked else { return false }
        let isHeld = failing.bank == .held
        let holder = bankHolder(for: generations[index].id)
        generations[index].state =
            failing.hasPassed ? .stopped : .failed(reason: failing.reason)
        switch failing.sequel {
        case .free:
            if isHeld {
                turn.emit(.freeBank(generations[index].id))
            } else if let holder {
                turn.emit(.freeBank(generations[holder].id))
                dismissBankHolder(for: generations[index].id, &turn)
            }
        case .revive:
            if isHeld {
                generations[index].state = .holdingBank(
                    HoldingBank(end: .failed(reason: failing.reason), next: nextGeneration))
            } else if let holder {
                generations[holder].holdingBank?.next = nextGeneration
            }
        }
        turn.note(
            generations[index],
            failing.hasPassed ? .stopped : .failed(reason: failing.reason))
        if let handover = failing.handover {
            turn.answer(
                handover.request, failing.hasPassed ? .done : .failed(failing.reason))
            report(handover, cutFlows: 0, &turn)
        }
        if case .revive(let fallback) = failing.sequel {
            revive(fallback, &turn)
        }
        return true
    }
}
