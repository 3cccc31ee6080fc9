import ChannelProtocol
import HandoverCore
import Settings

/// The life of a worker's process, as far as it is seen from outside.
extension Service {
    mutating func spawned(
        _ id: WorkerID, _ pid: Int32, answersBinds: Bool, _ turn: inout ServiceTurn
    ) {
        guard let process = workers[id], process.life == .asked else {
            // Nobody wants it any more.
            turn.emit(.killStray(pid: pid))
            return
        }
        workers.change(id) {
            $0.life = .running(pid: pid)
            $0.startedAt = turn.now
            $0.answersBinds = answersBinds
        }
        watchReadiness(of: id, &turn)
        turn.emit(.announce(.workerStarted(id, pid: pid)))
        turn.submit(.workerStarted(id))
        workers.change(id) { $0.waiting = [] }
        for duty in process.waiting { order(duty, &turn) }
    }

    /// Begins to judge a worker.
    mutating func watchReadiness(of id: WorkerID, _ turn: inout ServiceTurn) {
        guard let process = workers[id] else { return }
        var judge = ReadinessJudge(rule: settings.ready, startedAt: process.startedAt.sinceStart)
        judge.listeners = sightings(of: id)
        judge.adopted = settings.adopt.map(\.text).joined(separator: ", ")
        workers.change(id) { $0.readiness = Readiness(judge, at: turn.now) }
        if case .exec = settings.ready { turn.emit(.runReadyCommand(id)) }
    }

    /// What is known of a worker's slots, by listener.
    func sightings(
        of id: WorkerID, blind: [SlotID: String] = [:]
    ) -> [ReadinessJudge.ListenerSighting] {
        zip(banks.listeners.indices, banks.slots(of: id)).map { number, slots in
            let asked = isAsked(number, of: id) ? slots : slots.filter { $0.boundAt != nil }
            return ReadinessJudge.ListenerSighting(
                address: banks.listeners[number].address, taken: asked.count { $0.isTaken },
                offered: asked.count, blind: asked.lazy.compactMap { blind[$0.id] }.first)
        }
    }

    mutating func slotsChanged(of id: WorkerID, _ turn: inout ServiceTurn) {
        let listeners = sightings(of: id)
        workers.change(id) { $0.readiness?.slotsChanged(listeners, at: turn.now) }
    }

    /// Takes in what a worker said, or what the ready command answered.
    mutating func learn(
        _ id: WorkerID, _ turn: inout ServiceTurn, _ change: (inout ReadinessJudge) -> Void
    ) {
        workers.change(id) { $0.readiness?.learn(at: turn.now, change) }
        // The answer to a look may make it ready this very turn; the tick of now looks.
        if workers[id]?.readiness?.nextLook == turn.now {
            workers.change(id) { $0.readiness?.look() }
            turn.emit(.look(id))
        }
    }

    /// Takes in what a look at a worker has shown.
    mutating func seen(_ id: WorkerID, _ sight: WorkerSight, _ turn: inout ServiceTurn) {
        guard let process = workers[id], let readiness = process.readiness else { return }
        var blind: [SlotID: String] = [:]
        var tookMore = false
        for slot in banks.slots(of: id).flatMap({ $0 }) where !slot.isTaken {
            switch sight.sightings[slot.id] ?? .notSeen {
            case .taken: tookMore = banks.taken(slot.id, by: id) || tookMore
            case .notSeen:
                // A thread that never waits is not caught waiting. A socket that nobody has was bound by a
                // helper that is gone; what a server binds by its own choice it may close again.
                guard let boundAt = slot.boundAt,
                    !sight.unheld.contains(slot.id)
                        || banks.listeners[slot.id.listener].followsServer,
                    turn.now - boundAt >= ReadinessJudge.quietTime
                else { break }
                tookMore = banks.taken(slot.id, by: id) || tookMore
            case .cannotObserve(let reason): blind[slot.id] = reason
            }
        }
        let listeners = sightings(of: id, blind: blind)
        let isOver = listeners.allSatisfy { $0.taken == $0.offered }
        let wasReady = readiness.isReady
        var becomesReady = false
        workers.change(id) {
            becomesReady =
                $0.readiness?.seen(
                    listeners, hasUnheard: sight.hasUnheard, isOver: isOver, at: turn.now) ?? false
        }
        if becomesReady {
            isReady(id, &turn)
        } else if wasReady, tookMore, machine.steers(to: id.generation) {
            refreshSteering(&turn)
        }
    }

    private mutating func isReady(_ id: WorkerID, _ turn: inout ServiceTurn) {
        if case .exec = settings.ready { turn.emit(.stopReadyCommand(id)) }
        takeBlindSlots(of: id, &turn)
        startWatchdog(id, at: turn.now)
        turn.emit(.announce(.workerReady(id, pid: workers[id]?.pid ?? 0)))
        turn.submit(.workerReady(id))
        lookAtAdopted(.ready, &turn)
        for warning in workers[id]?.readiness?.judge.unreadSockets ?? [] {
            turn.warnLast("worker \(id) \(warning)", id)
        }
    }

    /// A worker that cannot be looked at has its slots taken by its word alone.
    private mutating func takeBlindSlots(of id: WorkerID, _ turn: inout ServiceTurn) {
        guard let judge = workers[id]?.readiness?.judge else { return }
        for (sighting, slots) in zip(judge.listeners, banks.slots(of: id)) {
            guard let reason = sighting.blind, sighting.taken == 0 else { continue }
            turn.emit(
                .announce(
                    .note(.notice, "worker \(id): its sockets count as taken unseen: \(reason)", id)
                ))
            for slot in slots { _ = banks.taken(slot.id, by: id) }
        }
    }

    // MARK: Watchdog

    /// Grants a worker an interval of silence; the first one when it is ready, for what it takes to get
    /// there is the ready timeout's business.
    mutating func startWatchdog(_ id: WorkerID, at now: Instant) {
        guard let interval = settings.watchdog else { return }
        workers.change(id) {
            $0.watchdogAt = now + interval
            $0.graceLeft = nil
        }
    }

    /// What a worker has said by the end of its interval may not be heard yet, where this supervisor or
    /// the whole machine stood still: the worker is given so many of these pieces of time more, in which it is.
    private static let gracePieces = 5
    private static let gracePiece = Duration.milliseconds(100)

    /// Where a piece ends so much too late this supervisor has stood still in it: it does not count.
    private static let graceLateness = Duration.milliseconds(50)

    /// Ends a worker that hangs.
    mutating func missedWatchdog(_ id: WorkerID, _ turn: inout ServiceTurn) {
        guard let worker = workers[id], let due = worker.watchdogAt else { return }
        var left = worker.graceLeft ?? Self.gracePieces
        if worker.graceLeft != nil, turn.now - due < Self.graceLateness { left -= 1 }
        if left == 0 { return abort(id, "missed its watchdog", &turn) }
        workers.change(id) {
            $0.graceLeft = left
            $0.watchdogAt = turn.now + Self.gracePiece
        }
    }

    /// Ends a worker as systemd does, so that its core can be looked at.
    mutating func abort(_ id: WorkerID, _ reason: String, _ turn: inout ServiceTurn) {
        workers.change(id) { $0.watchdogAt = nil }
        turn.warn("worker \(id) \(reason): ABRT", id)
        order(.signal(id, Self.abort), &turn)
    }

    // MARK: The end

    /// A worker's process has ended; it may be one of which no more is known than that.
    mutating func exited(
        _ id: WorkerID, _ pid: Int32, _ how: WorkerExit, _ turn: inout ServiceTurn
    ) {
        guard let process = workers[id] else {
            // The keeper tells it again until it is let go.
            order(.letGo(id), &turn)
            return
        }
        // The one before it, which was let go of when this one was asked for.
        guard process.pid == pid else { return }
        workers.remove(id)
        banks.worker(isGone: id)
        turn.emit(.announce(.workerExited(id, how, pid: process.pid ?? 0)))
        exits[id] = how
        // What waits for it moves on first; only then is it known what is left in its queue.
        let slots = banks.slots(of: id).flatMap { $0 }.map(\.id)
        if slots.isEmpty {
            finishExit(id, leavesQueue: false, &turn)
        } else {
            if leavesAtOnce(id) { order(.resteer(slots), &turn) }
            turn.emit(.lookAtQueues(slots, .left(id)))
        }
    }

    /// Whether the flows of a worker that died go elsewhere at once: nobody there knows them any more.
    private func leavesAtOnce(_ id: WorkerID) -> Bool {
        switch machine.generation(id.generation)?.phase {
        case .draining: machine.generation(id.generation)?.handover != nil
        case .starting, .canary, .current, .retiring, .stopped, .failed, nil: false
        }
    }

    mutating func finishExit(_ id: WorkerID, leavesQueue: Bool, _ turn: inout ServiceTurn) {
        guard let how = exits.removeValue(forKey: id) else { return }
        // Not before: until then the keeper tells a successor of it again.
        order(.letGo(id), &turn)
        // What the kernel has not steered away still comes to its queue.
        let isSentMore = machine.steeringAnswer == .refused || refusals.holds(id.generation)
        turn.submit(.workerExited(id, how, leavesQueue: leavesQueue || isSentMore))
    }
}
