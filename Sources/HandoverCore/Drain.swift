// A drain: the generation keeps its flows until they end or its deadline comes, reads what is queued,
// and is stopped.

/// Why a generation drains.
enum DrainReason: Hashable, Codable, Sendable {
    /// Another generation has taken over.
    case handover(Handover)
    case serviceStop

    var handover: Handover? {
        get {
            switch self {
            case .handover(let handover): handover
            case .serviceStop: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .handover: self = .handover(newValue)
            case .serviceStop: break
            }
        }
    }
}

/// A generation that keeps its flows until they end.
package struct Draining: Hashable, Codable, Sendable {
    var reason: DrainReason
    let began: Instant
    /// Nil is never.
    var deadline: Instant?
    var nextCount: Instant
    /// The newest count; nil until the first one.
    var flows: FlowCount?
    /// Likewise.
    var outside: OutsideCount?
    /// With how many sessions left it may end, where somebody has said so; else as the policy says.
    var keep: Int?
    /// nil until the first count.
    var pace: DrainPace?

    /// Whether it was a canary, and is none any more.
    var isAborted: Bool {
        if case .aborted = reason.handover?.outcome { true } else { false }
    }
}

/// A generation whose drain is over. It is taken down without losing a datagram that it was sent.
package struct Retiring: Hashable, Codable, Sendable {
    /// How far it has come.
    enum Step: Hashable, Codable, Sendable {
        /// Its workers read what is queued, until then at the latest.
        case emptying(until: Instant)
        /// The queues are empty; the wait before the stop signal.
        case lingering(until: Instant)
        /// Its workers are being stopped.
        case stopping

        var deadline: Instant? {
            switch self {
            case .emptying(let until), .lingering(let until): until
            case .stopping: nil
            }
        }
    }

    var reason: DrainReason
    var step: Step
    /// How many flows were cut off, as counted last before they were re-steered; nil where the drain was
    /// not cut.
    var cutFlows: Int?
    /// The sessions outside the slots that were cut off; nil where nothing was.
    var cutOutside: OutsideCount?
}

/// Why a drain ended.
package enum RetireCause: String, Hashable, Codable, Sendable {
    /// No session is left that is waited for.
    case idle
    /// No more are left than it may end with.
    case few
    /// Every worker said that it has no session left.
    case drained
    case deadline
    /// Every worker died.
    case deserted
    /// The next generation may not run beside it.
    case makesRoom
    /// The service is stopped at once.
    case serviceStop
}

// MARK: The drain

extension Machine {
    /// The time between two counts of a draining generation's flows.
    private static var countInterval: Duration { .seconds(1) }

    /// A larger session count is not plausible; it is clamped.
    private static let mostSessions = 1 << 30

    /// Makes a generation drain. `announceDrain` emits the effects, after those of the flip.
    mutating func drain(_ index: Int, _ reason: DrainReason, _ turn: Turn) {
        let timeout = reason == .serviceStop ? policy.drainTimeoutAtStop : policy.drainTimeout
        let deadline = timeout.map { turn.now + $0 }
        generations[index].state = .draining(
            Draining(reason: reason, began: turn.now, deadline: deadline, nextCount: turn.now))
    }

    /// Begins a drain. The sessions of a dead worker are lost, so its flows move on at once. If asked for,
    /// it is started one last time, to read what waits in its queue.
    mutating func announceDrain(_ index: Int, revivingDead: Bool, _ turn: inout Turn) {
        let generation = generations[index]
        // One that is kept for the time of a watch may yet have to serve on.
        if generation.draining.flatMap({ watchedIndex(keeping: $0) }) == nil {
            turn.emit(.tellDraining(generation.id))
        }
        turn.note(
            generation, .draining(flows: nil, outside: nil, deadline: generation.drainDeadline))
        let movesFlows = generation.handover != nil
        for worker in generation.allIndexes {
            switch generation.workers[worker].state {
            case .backingOff, .gone:
                generations[index].workers[worker].state = .gone
                if movesFlows {
                    turn.emit(.abandonWorker(workerID(index, worker)))
                }
                if revivingDead, !generation.launch.isJoined {
                    spawn(index, worker, &turn)
                }
            case .spawning, .starting:
                if movesFlows {
                    turn.emit(.abandonWorker(workerID(index, worker)))
                }
                // A free seat of a draining generation is not to be taken any more.
                if generation.launch.isJoined, generation.workers[worker].isSpawning {
                    stopWorker(index, worker, &turn)
                }
            case .waiting, .ready, .stopping, .killed: break
            }
        }
    }

    mutating func workerHas(_ id: WorkerID, sessions: Int) {
        guard let (index, worker) = index(of: id) else { return }
        generations[index].workers[worker].sessions = min(max(sessions, 0), Self.mostSessions)
        if generations[index].draining != nil {
            generations[index].workers[worker].setDrained(sessions <= 0)
        }
    }

    mutating func flowsCounted(_ id: GenerationID, _ count: FlowCount, _ turn: inout Turn) {
        guard let index = index(of: id) else { return }
        if generations[index].draining != nil {
            generations[index].draining?.flows = count
            notePace(index, turn)
            noteDraining(index, &turn)
        } else if generations[index].retiring?.cutFlows != nil {
            let cutFlows = max(count.confirmed, generations[index].sessions)
            generations[index].retiring?.cutFlows = cutFlows
        }
    }

    mutating func outsideCounted(
        _ id: GenerationID, _ count: OutsideCount, _ turn: inout Turn
    ) {
        guard let index = index(of: id) else { return }
        if let draining = generations[index].draining {
            generations[index].draining?.outside = count
            notePace(index, turn)
            // The count of flows, which comes with each one, is told every time.
            if draining.outside != count { noteDraining(index, &turn) }
        } else if generations[index].retiring?.cutOutside != nil {
            generations[index].retiring?.cutOutside = count
        }
    }

    /// Tells what is left of a generation that drains.
    func noteDraining(_ index: Int, _ turn: inout Turn) {
        let generation = generations[index]
        turn.note(
            generation,
            .draining(
                flows: generation.flows, outside: generation.outside,
                deadline: generation.drainDeadline, likelyEnd: likelyDrainEnd(of: generation)))
    }

    private mutating func notePace(_ index: Int, _ turn: Turn) {
        guard let draining = generations[index].draining,
            let left = sessionsLeft(index, draining)
        else { return }
        var pace = draining.pace ?? DrainPace()
        pace.note(left.lasting, at: turn.now)
        generations[index].draining?.pace = pace
    }

    /// When a drain is likely to end by itself. nil where nothing tells.
    package func likelyDrainEnd(of generation: Generation) -> Instant? {
        guard let draining = generation.draining else { return nil }
        return draining.pace?.likelyEnd(keeping: keep(draining))
    }

    /// Other limits for drains that are under way; nil leaves one as it is.
    mutating func changeDrain(
        _ request: RequestID, _ id: GenerationID?, within time: Duration?, keep: Int?,
        _ turn: inout Turn
    ) {
        var changed = false
        for index in generations.indices where id == nil || id == generations[index].id {
            guard var draining = generations[index].draining else { continue }
            changed = true
            if let time { draining.deadline = turn.now + time }
            if let keep { draining.keep = max(0, keep) }
            generations[index].draining = draining
            noteDraining(index, &turn)
        }
        if changed {
            turn.answer(request, .done)
        } else if let id {
            turn.answer(request, .refused("generation \(id) does not drain"))
        } else {
            turn.answer(request, .refused("no generation drains"))
        }
    }

    /// Asks for the next count of flows if it is due.
    mutating func countIfDue(_ index: Int, _ draining: Draining, _ turn: inout Turn) -> Bool {
        guard draining.nextCount <= turn.now else { return false }
        generations[index].draining?.nextCount = turn.now + Self.countInterval
        turn.emit(.countFlows(generations[index].id))
        return true
    }

    func drainDeadlines(_ index: Int, _ draining: Draining) -> [Instant?] {
        guard !isHeld(index, draining), watchedIndex(keeping: draining) == nil else {
            return [draining.nextCount]
        }
        // From then on unconfirmed flows hold the drain up no more, if they are all that does.
        let onlyUnconfirmed = sessionsLeft(index, draining).map { $0.lasting <= keep(draining) }
        let holdEnd = draining.began + policy.unconfirmedHold
        return [draining.nextCount, draining.deadline, onlyUnconfirmed == true ? holdEnd : nil]
    }
}

// MARK: The end of the drain

extension Machine {
    mutating func settleDraining(_ index: Int, _ draining: Draining, _ turn: inout Turn) -> Bool {
        guard let cause = drainEnd(index, draining, at: turn.now) else { return false }
        if losesWatch(index, draining, &turn) { return true }
        retire(index, draining, cause, &turn)
        return true
    }

    /// Why a drain is over by now; nil while it is not.
    private func drainEnd(_ index: Int, _ draining: Draining, at now: Instant) -> RetireCause? {
        guard !isHeld(index, draining) else { return nil }
        if generations[index].isDeserted { return .deserted }
        if watchedIndex(keeping: draining) != nil { return nil }
        if let deadline = draining.deadline, deadline <= now { return .deadline }
        if generations[index].workers.isDrained { return .drained }
        guard let left = sessionsLeft(index, draining) else { return nil }
        let holdIsOver = draining.began + policy.unconfirmedHold <= now
        let count = left.lasting + (holdIsOver ? 0 : left.unconfirmed)
        if count == 0 { return .idle }
        return count <= keep(draining) ? .few : nil
    }

    /// With how many sessions left a drain may end.
    private func keep(_ draining: Draining) -> Int { draining.keep ?? policy.drainKeep }

    /// Sessions that a drain waits for.
    private struct SessionsLeft {
        /// Those that are sessions for certain.
        let lasting: Int
        /// Flows of which one datagram was seen.
        let unconfirmed: Int
    }

    /// As far as its flows, what its workers say, and what they have outside their slots show. nil before the first
    /// count, when nobody knows.
    private func sessionsLeft(_ index: Int, _ draining: Draining) -> SessionsLeft? {
        guard let flows = draining.flows, let outside = draining.outside else { return nil }
        let kinds = policy.drainWaitsFor
        let waitsForFlows = kinds.contains(.flows)
        let seen = outside.count(of: kinds) + (waitsForFlows ? flows.confirmed : 0)
        // A worker knows its sessions exactly, whatever the flows look like.
        let told = kinds.contains(.reported) ? generations[index].sessions : 0
        return SessionsLeft(
            lasting: max(seen, told), unconfirmed: waitsForFlows ? flows.recentUnconfirmed : 0)
    }

    /// Whether a drain goes on although it would be over.
    private func isHeld(_ index: Int, _ draining: Draining) -> Bool {
        switch draining.reason {
        case .handover:
            // Until then new flows may still come to it.
            steeringAnswer != .accepted
        case .serviceStop:
            // The generation that gets the new flows is the last to end.
            generations.indices.contains { $0 != index && !generations[$0].isOver }
        }
    }

    /// Ends a drain: the flows that are left move on, and the workers read what was sent to them already.
    private mutating func retire(
        _ index: Int, _ draining: Draining, _ cause: RetireCause, _ turn: inout Turn
    ) {
        let id = generations[index].id
        var retiring = Retiring(reason: draining.reason, step: .stopping)
        retiring.reason.handover?.end(\.drain, at: turn.now)
        switch retiring.reason {
        case .handover:
            if cause == .deadline || cause == .few {
                // The newest count may be a second old. This one is taken before the re-steer.
                turn.emit(.countFlows(id))
            }
            turn.emit(.resteer(id))
        case .serviceStop: break
        }
        if [.deadline, .idle, .few].contains(cause) {
            // What is left at the end of an idle drain was not waited for.
            retiring.cutFlows = max(draining.flows?.confirmed ?? 0, generations[index].sessions)
            retiring.cutOutside = draining.outside ?? OutsideCount()
        }
        if !generations[index].isDeserted {
            retiring.step = .emptying(until: turn.now + policy.emptyTimeout)
            // One that waits to be started, to read what is left, would be passed over.
            for worker in generations[index].allIndexes {
                guard case .backingOff = generations[index].workers[worker].state else { continue }
                generations[index].workers[worker].restarts += 1
                spawn(index, worker, &turn)
            }
            turn.emit(.watchQueues(id))
        }
        generations[index].state = .retiring(retiring)
        turn.note(generations[index], .retiring(cause))
    }
}

// MARK: Empty queues, stop, free

extension Machine {
    mutating func queuesEmpty(_ id: GenerationID, _ turn: inout Turn) {
        guard let index = index(of: id) else { return }
        if case .emptying = generations[index].retiring?.step {
            generations[index].retiring?.step = .lingering(until: turn.now + policy.linger)
        } else if case .emptying = generations[index].makingRoom?.step {
            // Stopped as soon as it is due.
            generations[index].makingRoom?.step = .emptying(until: turn.now)
        }
    }

    /// Stops a retiring generation if its wait is over.
    mutating func stopIfDue(_ index: Int, _ retiring: Retiring, _ turn: inout Turn) -> Bool {
        guard let deadline = retiring.step.deadline, deadline <= turn.now else { return false }
        if case .emptying = retiring.step {
            if let later = Self.isLate(deadline, turn) {
                generations[index].retiring?.step = .emptying(until: later)
                return true
            }
            turn.note(generations[index], .queuesNotEmptied)
        }
        halt(index, retiring, &turn)
        return true
    }

    /// Until when to wait on where a deadline was noticed late: nothing has run meanwhile, the system was
    /// suspended perhaps, and who is waited for has had no time. nil where it was not.
    static func isLate(_ deadline: Instant, _ turn: Turn) -> Instant? {
        turn.now - deadline >= .milliseconds(200) ? turn.now + .seconds(1) : nil
    }

    /// Stops the workers that a retiring generation still has.
    mutating func halt(_ index: Int, _ retiring: Retiring, _ turn: inout Turn) {
        generations[index].state = .retiring(retiring)
        generations[index].retiring?.step = .stopping
        stopWorkers(index, &turn)
    }

    /// Frees the bank of a retiring generation without workers, and reports its handover.
    mutating func settleRetiring(_ index: Int, _ retiring: Retiring, _ turn: inout Turn) -> Bool {
        guard generations[index].isDeserted else { return false }
        turn.emit(.freeBank(generations[index].id))
        turn.note(generations[index], .stopped)
        generations[index].state = .stopped
        if var handover = retiring.reason.handover {
            handover.end(\.retire, at: turn.now)
            report(
                handover, cutFlows: retiring.cutFlows ?? 0,
                cutOutside: retiring.cutOutside ?? OutsideCount(), &turn)
        }
        return true
    }
}
