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
        case .running:
            let isForsaken = currentIndex.map { generations[$0].isForsaken } ?? false
            hand(over: request, to: launch, overlap: policy.overlap && !isForsaken, &turn)
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
            case .draining, .retiring, .failing, .holdingBank, .stopped, .failed: false
            }
        }
    }

    /// How long a seat stays free. In a generation that starts, the other workers must come soon. Later it is
    /// up to the workers' own system when it starts another one.
    func joinLimit(_ index: Int, at now: Instant) -> Instant {
        let isStarting = generations[index].starting != nil
        return now + (isStarting ? policy.readyTimeout : .seconds(3_153_600_000))
    }
}

extension Generation {
    /// Whether its workers join and none of them is there.
    var isForsaken: Bool {
        launch.isJoined && workers.allSatisfy { $0.isFree || $0.state == .gone }
    }
}
