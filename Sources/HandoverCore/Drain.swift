/// What a generation leaves for.
enum Errand: Hashable, Codable, Sendable {
    case handover(Handover)
    case serviceStop

    var handover: Handover? {
        switch self {
        case .handover(let handover): handover
        case .serviceStop: nil
        }
    }

    mutating func change(_ body: (inout Handover) -> Void) {
        switch self {
        case .handover(var handover):
            body(&handover)
            self = .handover(handover)
        case .serviceStop: break
        }
    }
}

/// A generation that keeps its flows until they end.
package struct Draining: Hashable, Codable, Sendable {
    var errand: Errand
    let began: Instant
    /// Nil is never.
    var deadline: Instant?
    var nextCount: Instant
    /// The newest count, nil until the first.
    var flows: FlowCount?
}

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

    /// When unconfirmed flows cease to hold the drain up, if they are all that does.
    func holdEnd(_ place: Int, _ draining: Draining) -> Instant? {
        guard draining.flows?.confirmed == 0, !waitsForOthers(place, draining.errand),
            !generations[place].workers.contains(where: \.holdsSessions)
        else { return nil }
        return draining.began + policy.unconfirmedHold
    }
}

/// A generation that is being taken down without losing what it has been sent.
package struct Retiring: Hashable, Codable, Sendable {
    /// How far it has come.
    enum Step: Hashable, Codable, Sendable {
        /// Its workers read what is queued, until then at the latest.
        case emptying(until: Instant)
        case lingering(until: Instant)
        /// Its workers are being stopped.
        case stopping
    }

    /// What was cut off.
    enum Cut: Hashable, Codable, Sendable {
        case nothing
        /// As counted last before the re-steer.
        case flows(Int)
    }

    var errand: Errand
    var step: Step
    var cut: Cut
}

/// Why a drain ended.
package enum RetireCause: String, Hashable, Codable, Sendable {
    /// No live flow is left.
    case idle
    /// All its workers said so.
    case drained
    case deadline
    /// All its workers died.
    case deserted
    /// The next generation may not run beside it.
    case makesRoom
    /// The service ends at once.
    case serviceStop
}

extension Machine {
    /// Ends a drain: what is left moves on, and the workers read what they have been sent already.
    mutating func retire(
        _ place: Int, _ draining: Draining, _ cause: RetireCause, _ turn: inout Turn
    ) {
        let id = generations[place].id
        var retiring = Retiring(errand: draining.errand, step: .stopping, cut: .nothing)
        retiring.errand.change { $0.end(\.drain, at: turn.now) }
        switch retiring.errand {
        case .handover:
            if cause == .deadline {
                // The newest count may be a second old; this one's answer comes from before the re-steer.
                turn.emit(.countFlows(id))
                retiring.cut = .flows(
                    max(draining.flows?.confirmed ?? 0, generations[place].sessions))
            }
            turn.emit(.resteer(id))
        case .serviceStop: break
        }
        if !generations[place].isDeserted {
            retiring.step = .emptying(until: turn.now + policy.emptyTimeout)
            turn.emit(.watchQueues(id))
        }
        generations[place].state = .retiring(retiring)
        turn.note(generations[place], .retiring(cause))
    }

    mutating func queuesEmpty(_ id: GenerationID, _ turn: inout Turn) {
        guard let place = position(id) else { return }
        switch generations[place].state {
        case .retiring(var retiring):
            switch retiring.step {
            case .emptying:
                retiring.step = .lingering(until: turn.now + policy.linger)
                generations[place].state = .retiring(retiring)
            case .lingering, .stopping: break
            }
        case .yielding(let yielding):
            switch yielding.step {
            case .emptying: stopYielding(place, yielding, &turn)
            case .stopping: break
            }
        case .preparing, .starting, .current, .draining, .failing, .lending, .stopped, .failed:
            break
        }
    }

    /// Goes on to stop a retiring generation if the time for what it does now is over.
    mutating func stopIfDue(_ place: Int, _ retiring: Retiring, _ turn: inout Turn) -> Bool {
        switch retiring.step {
        case .emptying(let until):
            guard until <= turn.now else { return false }
            turn.note(generations[place], .queuesNotEmptied)
        case .lingering(let until):
            guard until <= turn.now else { return false }
        case .stopping: return false
        }
        halt(place, retiring, &turn)
        return true
    }

    /// Stops what a retiring generation still runs.
    mutating func halt(_ place: Int, _ retiring: Retiring, _ turn: inout Turn) {
        var retiring = retiring
        retiring.step = .stopping
        generations[place].state = .retiring(retiring)
        stopWorkers(place, &turn)
    }

    /// Frees the bank of a retiring generation without workers, and says how the handover went.
    mutating func settleRetiring(_ place: Int, _ retiring: Retiring, _ turn: inout Turn) -> Bool {
        guard generations[place].isDeserted else { return false }
        turn.emit(.freeBank(generations[place].id))
        turn.note(generations[place], .stopped)
        generations[place].state = .stopped
        guard var handover = retiring.errand.handover else { return true }
        handover.end(\.retire, at: turn.now)
        switch retiring.cut {
        case .nothing: report(handover, cutFlows: 0, &turn)
        case .flows(let flows): report(handover, cutFlows: flows, &turn)
        }
        return true
    }
}
