extension Machine {
    mutating func start(_ launch: Launch, _ turn: inout Turn) {
        switch service {
        case .idle:
            if let fault = launch.fault {
                end(.failed(fault), &turn)
                return
            }
            service = .running
            begin(launch, for: .first, previous: nil, inheritingFrom: nil, &turn)
        case .running, .stopping, .ended: break
        }
    }

    mutating func upgrade(_ request: RequestID, _ launch: Launch?, _ turn: inout Turn) {
        if let place = currentPosition, (launch ?? generations[place].launch).isJoined {
            turn.answer(request, .refused(Self.comeByThemselves))
            return
        }
        hand(over: request, to: launch, overlap: policy.overlap, &turn)
    }

    /// The common way of all requests for another generation.
    mutating func hand(
        over request: RequestID, to launch: Launch?, overlap: Bool, _ turn: inout Turn
    ) {
        if let refusal = notServing ?? handoverUnderWay {
            turn.answer(request, .refused(refusal))
            return
        }
        guard let place = currentPosition else {
            turn.answer(request, .refused("no generation is current"))
            return
        }
        let current = generations[place]
        let launch = launch ?? current.launch
        if let fault = launch.fault {
            turn.answer(request, .refused(fault))
            return
        }
        let handover = Handover(
            from: current.id, to: nextGeneration, request: request, at: turn.now)
        if overlap {
            begin(
                launch, for: .upgrade(handover), previous: current.launch, inheritingFrom: nil,
                &turn)
        } else {
            yield(place, to: launch, handover, &turn)
        }
    }

    /// Adds a generation and asks for its bank. Those that are over go out of sight.
    mutating func begin(
        _ launch: Launch, for purpose: StartPurpose, previous: Launch?,
        inheritingFrom lender: GenerationID?, _ turn: inout Turn
    ) {
        generations.removeAll(where: \.isOver)
        let id = nextGeneration
        nextGeneration = GenerationID(id.number + 1)
        let generation = Generation(
            id: id, launch: launch, previous: previous,
            state: .preparing(Preparing(purpose: purpose)))
        generations.append(generation)
        turn.note(generation, .preparing(workers: launch.workers))
        if let lender {
            turn.emit(.inheritBank(id, workers: launch.workers, from: lender))
        } else {
            turn.emit(.prepareBank(id, workers: launch.workers))
        }
    }

    mutating func bankPrepared(_ id: GenerationID, _ turn: inout Turn) {
        guard let place = position(id) else { return }
        switch generations[place].state {
        case .preparing(let preparing):
            guard preparing.bank == .asked else { return }
            dismissLender(to: id, &turn)
            switch preparing.purpose {
            case .first, .upgrade, .successor:
                generations[place].state = .starting(Starting(purpose: preparing.purpose))
            case .revival:
                // What else could new flows go to? It is started again and again, like any current
                // generation whose workers died.
                generations[place].state = .current(Current(origin: .revival, since: turn.now))
                steer(&turn)
            }
            for index in generations[place].allIndexes {
                spawn(place, index, &turn)
            }
        case .failing(var failing):
            guard failing.bank == .asked else { return }
            dismissLender(to: id, &turn)
            failing.bank = .held
            generations[place].state = .failing(failing)
        case .starting, .current, .draining, .retiring, .yielding, .lending, .stopped, .failed:
            break
        }
    }

    mutating func bankFailed(_ id: GenerationID, _ reason: String, _ turn: inout Turn) {
        guard let place = position(id) else { return }
        switch generations[place].state {
        case .preparing(var preparing):
            guard preparing.bank == .asked else { return }
            switch preparing.purpose {
            case .first, .upgrade, .successor:
                fail(place, reason, bank: .none, &turn)
            case .revival:
                preparing.failures += 1
                preparing.bank = .retry(at: turn.now + policy.restartDelay(preparing.failures))
                generations[place].state = .preparing(preparing)
            }
        case .failing(var failing):
            guard failing.bank == .asked else { return }
            failing.bank = .none
            generations[place].state = .failing(failing)
        case .starting, .current, .draining, .retiring, .yielding, .lending, .stopped, .failed:
            break
        }
    }
}

extension Machine {
    /// All workers of a starting generation are ready: from here on it is current.
    mutating func flip(_ place: Int, _ starting: Starting, _ turn: inout Turn) {
        turn.note(generations[place], .ready)
        var purpose = starting.purpose
        purpose.change { $0.end(\.ready, at: turn.now) }
        let id = generations[place].id
        switch purpose {
        case .first, .revival:
            generations[place].state = .current(Current(origin: .first, since: turn.now))
            steer(&turn)
            turn.note(id, nil, .flipped(from: nil))
        case .upgrade(let handover): takeOver(place, handover, &turn)
        case .successor(let handover, _):
            generations[place].state = .current(Current(origin: .succession, since: turn.now))
            steer(&turn)
            turn.note(id, handover.request, .flipped(from: handover.from))
            turn.answer(handover.request, .current(id))
            report(handover, cutFlows: 0, &turn)
        }
    }

    /// The one store, and the drain of the generation that was current.
    private mutating func takeOver(_ place: Int, _ handover: Handover, _ turn: inout Turn) {
        guard let old = currentPosition else { return }
        var handover = handover
        // A rollback meanwhile may have made another one current than the one asked of.
        handover.from = generations[old].id
        generations[place].previous = generations[old].launch
        generations[place].state = .current(Current(origin: .upgrade, since: turn.now))
        drain(old, .handover(handover), turn)
        steer(&turn)
        turn.note(generations[place].id, handover.request, .flipped(from: handover.from))
        announceDrain(old, revivingDead: true, &turn)
        turn.answer(handover.request, .current(generations[place].id))
    }

    mutating func workerReady(_ id: WorkerID, _ turn: inout Turn) {
        guard let (place, index) = position(id) else { return }
        switch generations[place].workers[index].state {
        case .spawning, .starting:
            // One started a last time during a drain reads its queue and has no session to end.
            let generation = generations[place]
            let drained = generation.phase == .draining && generation.handover != nil
            generations[place].workers[index].state = .ready(since: turn.now, drained: drained)
        case .waiting, .ready, .backingOff, .stopping, .killed, .gone: return
        }
        turn.note(generations[place], .workerReady(index))
        checkStarted(place, &turn)
        switch generations[place].state {
        case .starting(let starting):
            if generations[place].isWhole {
                flip(place, starting, &turn)
            }
        case .preparing, .current, .draining, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            break
        }
    }

    /// Notes the moment in which the last process of a starting generation runs.
    mutating func checkStarted(_ place: Int, _ turn: inout Turn) {
        switch generations[place].state {
        case .starting(var starting):
            guard !starting.allRun, !generations[place].workers.contains(where: \.isSpawning)
            else { return }
            starting.allRun = true
            starting.purpose.change { $0.end(\.start, at: turn.now) }
            generations[place].state = .starting(starting)
            turn.note(generations[place], .started)
        case .preparing, .current, .draining, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            break
        }
    }
}

extension Machine {
    /// A generation that is not current yet will not be. What it has is taken back; the answer comes
    /// when nothing of it is left.
    mutating func fail(
        _ place: Int, _ reason: String, bank: Failing.Bank, _ turn: inout Turn
    ) {
        let purpose: StartPurpose
        switch generations[place].state {
        case .preparing(let preparing): purpose = preparing.purpose
        case .starting(let starting): purpose = starting.purpose
        case .current, .draining, .retiring, .failing, .yielding, .lending, .stopped, .failed:
            return
        }
        var failing = Failing(
            reason: reason, handover: purpose.handover, bank: bank, sequel: .free)
        failing.handover?.outcome = .failed(reason: reason)
        switch purpose {
        case .first, .upgrade, .revival: break
        case .successor(_, let fallback):
            if notServing == nil {
                failing.sequel = .revive(fallback)
            }
        }
        generations[place].state = .failing(failing)
        turn.note(generations[place], .failing(reason: reason))
        stopWorkers(place, &turn)
    }

    /// Ends a failing generation once it has no worker and its bank is known to be there or not.
    mutating func settleFailing(_ place: Int, _ failing: Failing, _ turn: inout Turn) -> Bool {
        guard generations[place].isDeserted, failing.bank != .asked else { return false }
        let id = generations[place].id
        let end = Lending.End.failed(reason: failing.reason)
        switch failing.sequel {
        case .free:
            switch failing.bank {
            case .held: turn.emit(.freeBank(id))
            case .none:
                if let lender = lender(to: id) {
                    turn.emit(.freeBank(generations[lender].id))
                    dismissLender(to: id, &turn)
                }
            case .asked: break
            }
            generations[place].state = .failed(reason: failing.reason)
        case .revive:
            switch failing.bank {
            case .held:
                generations[place].state = .lending(Lending(end: end, heir: nextGeneration))
            case .none:
                if let lender = lender(to: id) {
                    redirectLender(lender, to: nextGeneration)
                }
                generations[place].state = .failed(reason: failing.reason)
            case .asked: break
            }
        }
        turn.note(generations[place], .failed(reason: failing.reason))
        if let handover = failing.handover {
            turn.answer(handover.request, .failed(failing.reason))
            report(handover, cutFlows: 0, &turn)
        }
        switch failing.sequel {
        case .free: break
        case .revive(let fallback): revive(fallback, &turn)
        }
        return true
    }
}

/// A generation whose bank is asked for.
package struct Preparing: Hashable, Codable, Sendable {
    var purpose: StartPurpose
    var bank: BankRequest = .asked
    /// How often it has not been got.
    var failures = 0
}

/// A bank that a generation waits for.
enum BankRequest: Hashable, Codable, Sendable {
    case asked
    /// It failed and is asked for again then.
    case retry(at: Instant)
}

/// A generation whose workers are on their way to ready.
package struct Starting: Hashable, Codable, Sendable {
    var purpose: StartPurpose
    /// Whether the last process has been seen to run.
    var allRun = false
}

/// What a generation is started for, which decides what happens when it gets ready or fails.
enum StartPurpose: Hashable, Codable, Sendable {
    /// The service's first.
    case first
    /// To take over from the current generation, which serves meanwhile.
    case upgrade(Handover)
    /// To take over the bank of a generation already stopped, which `fallback` would bring back.
    case successor(Handover, fallback: Fallback)
    /// To bring back what a successor failed to follow.
    case revival

    var handover: Handover? {
        switch self {
        case .upgrade(let handover), .successor(let handover, _): handover
        case .first, .revival: nil
        }
    }

    /// Whether new flows wait in the bank that it has inherited.
    var takesBankOver: Bool {
        switch self {
        case .first, .upgrade: false
        case .successor, .revival: true
        }
    }

    mutating func change(_ body: (inout Handover) -> Void) {
        switch self {
        case .upgrade(var handover):
            body(&handover)
            self = .upgrade(handover)
        case .successor(var handover, let fallback):
            body(&handover)
            self = .successor(handover, fallback: fallback)
        case .first, .revival: break
        }
    }
}

/// A generation that will not be current, until its workers are gone.
package struct Failing: Hashable, Codable, Sendable {
    /// What is known of the bank asked for.
    enum Bank: Hashable, Codable, Sendable {
        case asked, held
        /// It was not got.
        case none
    }

    /// What becomes of the bank.
    enum Sequel: Hashable, Codable, Sendable {
        case free
        /// It is inherited by a generation that brings this back.
        case revive(Fallback)
    }

    let reason: String
    /// The handover that it fails, none where it is the first generation or a revival.
    var handover: Handover?
    var bank: Bank
    var sequel: Sequel
}

/// The generation that new flows go to.
package struct Current: Hashable, Codable, Sendable {
    /// How it became current.
    enum Origin: Hashable, Codable, Sendable {
        case first
        case upgrade
        /// By a rollback, after which nothing is rolled back by itself.
        case rollback
        case revival
        /// On the bank of one that was stopped for it.
        case succession
    }

    let origin: Origin
    /// The flip.
    let since: Instant
    /// Its workers' deaths within `Policy.crashWindow` of the flip.
    var crashes = 0
}
