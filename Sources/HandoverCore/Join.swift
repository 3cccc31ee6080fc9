// Workers that were started elsewhere and join. `startWorker` then offers a seat instead of starting a
// process.

extension Machine {
    /// Why a launch whose workers join cannot be started from here.
    static let joinByThemselves = "its workers join by themselves: start newer ones"

    mutating func join(_ request: RequestID, _ launch: Launch, _ turn: inout Turn) {
        switch service {
        case .idle:
            if let fault = launch.fault {
                turn.answer(request, .refused(fault))
                return
            }
            turn.answer(request, .done)
            start(launch, &turn)
        case .running: hand(over: request, to: launch, overlap: policy.overlap, &turn)
        case .stopping, .ended: turn.answer(request, .refused(notServing ?? ""))
        }
    }

    /// Whether a generation of that group is about to start, or has a free seat.
    package func expects(group: String) -> Bool {
        generations.contains { generation in
            switch generation.state {
            case .preparing, .reviving: generation.launch.group == group
            case .starting, .current:
                generation.launch.group == group && generation.workers.contains(where: \.isFree)
            case .makingRoom(let makingRoom):
                switch makingRoom.next {
                case .replacement(let launch): launch.group == group
                case .revival: generation.launch.group == group
                }
            case .trial, .draining, .retiring, .failing, .holdingBank, .stopped, .failed: false
            }
        }
    }

    /// A worker was given a seat of which it never heard; it will ask again, or another one will.
    mutating func seatNotTaken(_ id: WorkerID, _ turn: inout Turn) {
        guard let (index, worker) = index(of: id) else { return }
        switch (generations[index].state, generations[index].workers[worker].state) {
        case (.starting, .starting), (.current, .starting): spawn(index, worker, &turn)
        default: workerDied(id, WorkerExit.lost.description, leavesQueue: false, &turn)
        }
    }

    /// How long a seat stays free. In a generation that starts, the other workers must come soon, and in one
    /// that has none left, another one. Otherwise it is up to the workers' own system when it starts one.
    func joinLimit(_ index: Int, at now: Instant) -> Instant {
        let isUrgent = generations[index].starting != nil || generations[index].isForsaken
        return now + (isUrgent ? policy.readyTimeout : Self.century)
    }

    private static var century: Duration { .seconds(3_153_600_000) }

    /// A seat of a generation that does not start was not taken in time. New flows must not wait in sockets
    /// that nobody reads while an older generation lives: it becomes current again, the one before if it can. What
    /// has ended cannot be started from here.
    mutating func seatStayedFree(_ index: Int, _ worker: Int, _ turn: inout Turn) {
        if generations[index].current != nil, generations[index].isForsaken,
            let old = generationBefore(index) ?? lastResort
        {
            let reason =
                "the workers of generation \(generations[index].id) have gone, and none has come"
                + " within \(policy.readyTimeout)"
            flipBack(index, to: old, reason, .byItself, &turn)
        } else {
            generations[index].workers[worker].state = .spawning(Limit(turn.now + Self.century))
            cannotRestore(generations[index].id, "nobody has joined", &turn)
        }
    }
}

extension Generation {
    /// Whether its workers join and none of them is there.
    var isForsaken: Bool {
        launch.isJoined && workers.allSatisfy { $0.isFree || $0.state == .gone }
    }
}
