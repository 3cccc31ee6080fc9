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

    mutating func restart(_ request: RequestID, _ turn: inout Turn) {
        hand(over: request, to: nil, overlap: false, &turn)
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
