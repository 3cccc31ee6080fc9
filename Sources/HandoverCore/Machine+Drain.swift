extension Machine {
    /// The time between two counts of a draining generation's flows.
    private static var countInterval: Duration { .seconds(1) }

    /// Whoever tells of more is no worker that counts.
    private static let mostSessions = 1 << 30

    /// Makes a generation drain; the effects come from `announceDrain`, after those of the flip.
    mutating func drain(_ place: Int, _ errand: Errand, _ turn: Turn) {
        let deadline = policy.drainTimeout.map { turn.now + $0 }
        generations[place].state = .draining(
            Draining(errand: errand, began: turn.now, deadline: deadline, nextCount: turn.now))
    }

    /// Begins a drain. What a dead worker knew is lost, so its flows move on at once; it is started a
    /// last time, if asked for, to read what waits in its queue.
    mutating func announceDrain(_ place: Int, revivingDead: Bool, _ turn: inout Turn) {
        let generation = generations[place]
        turn.emit(.tellDraining(generation.id))
        turn.note(generation, .draining(flows: nil, deadline: generation.drainDeadline))
        let movesFlows = generation.handover != nil
        for index in generation.allIndexes {
            switch generation.workers[index].state {
            case .backingOff, .gone:
                generations[place].workers[index].state = .gone
                if movesFlows {
                    turn.emit(.abandonWorker(workerID(place, index)))
                }
                if revivingDead, !generation.launch.isJoined {
                    spawn(place, index, &turn)
                }
            case .spawning, .starting:
                if movesFlows {
                    turn.emit(.abandonWorker(workerID(place, index)))
                }
                // A place that nobody has taken is not to be taken any more.
                if generation.launch.isJoined, generation.workers[index].isSpawning {
                    stopWorker(place, index, &turn)
                }
            case .waiting, .ready, .stopping, .killed: break
            }
        }
    }

    /// A draining worker died: nobody knows its sessions any more, so they move on.
    mutating func leaveSlot(_ place: Int, _ index: Int, _ turn: inout Turn) {
        steer(&turn)
        turn.emit(.abandonWorker(workerID(place, index)))
    }

    mutating func workerHas(_ id: WorkerID, sessions: Int) {
        guard let (place, index) = position(id) else { return }
        generations[place].workers[index].sessions = min(max(sessions, 0), Self.mostSessions)
        switch generations[place].state {
        case .draining: break
        case .preparing, .starting, .current, .retiring, .failing, .yielding, .lending, .stopped,
            .failed:
            return
        }
        switch generations[place].workers[index].state {
        case .ready(let since, _):
            generations[place].workers[index].state = .ready(since: since, drained: sessions <= 0)
        case .waiting, .spawning, .starting, .backingOff, .stopping, .killed, .gone: break
        }
    }

    mutating func flowsCounted(_ id: GenerationID, _ count: FlowCount, _ turn: inout Turn) {
        guard let place = position(id) else { return }
        switch generations[place].state {
        case .draining(var draining):
            draining.flows = count
            generations[place].state = .draining(draining)
            turn.note(
                generations[place], .draining(flows: count, deadline: draining.deadline))
        case .retiring(var retiring):
            switch retiring.cut {
            case .flows:
                let sessions = generations[place].sessions
                retiring.cut = .flows(max(count.confirmed, sessions))
            case .nothing: break
            }
            generations[place].state = .retiring(retiring)
        case .preparing, .starting, .current, .failing, .yielding, .lending, .stopped, .failed:
            break
        }
    }

    mutating func changeDrainDeadline(
        _ request: RequestID, _ id: GenerationID?, _ time: Duration, _ turn: inout Turn
    ) {
        var changed = false
        for place in generations.indices where id == nil || id == generations[place].id {
            switch generations[place].state {
            case .draining(var draining):
                changed = true
                draining.deadline = turn.now + time
                generations[place].state = .draining(draining)
                turn.note(
                    generations[place],
                    .draining(flows: draining.flows, deadline: draining.deadline))
            case .preparing, .starting, .current, .retiring, .failing, .yielding, .lending,
                .stopped, .failed:
                break
            }
        }
        if changed {
            turn.answer(request, .done)
        } else if let id {
            turn.answer(request, .refused("generation \(id) does not drain"))
        } else {
            turn.answer(request, .refused("no generation drains"))
        }
    }

    /// Why a drain is over by now; nil while it is not.
    func drainEnd(_ place: Int, _ draining: Draining, at now: Instant) -> RetireCause? {
        guard !waitsForOthers(place, draining.errand) else { return nil }
        let present = generations[place].workers.filter { $0.state != .gone }
        if present.isEmpty { return .deserted }
        if let deadline = draining.deadline, deadline <= now { return .deadline }
        if present.allSatisfy(\.isDrained) { return .drained }
        // What a worker tells is exact, whatever the flows look like.
        if present.contains(where: \.holdsSessions) { return nil }
        guard let flows = draining.flows, flows.confirmed == 0 else { return nil }
        let holdIsOver = draining.began + policy.unconfirmedHold <= now
        return flows.recentUnconfirmed == 0 || holdIsOver ? .idle : nil
    }

    /// At the service's end the generation that gets the new flows is the last to go.
    func waitsForOthers(_ place: Int, _ errand: Errand) -> Bool {
        errand == .serviceStop
            && generations.indices.contains { $0 != place && !generations[$0].isOver }
    }

    /// Asks for the next count of flows if it is due.
    mutating func countIfDue(_ place: Int, _ draining: Draining, _ turn: inout Turn) -> Bool {
        guard draining.nextCount <= turn.now else { return false }
        var draining = draining
        draining.nextCount = turn.now + Self.countInterval
        generations[place].state = .draining(draining)
        turn.emit(.countFlows(generations[place].id))
        return true
    }
}
