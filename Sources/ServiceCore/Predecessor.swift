package import HandoverCore
package import Settings

/// What is there of what a predecessor had.
package struct Findings: Sendable {
    /// A worker's process, as it was found.
    package struct FoundWorker: Sendable {
        package let id: WorkerID
        package let pid: Int32
        /// Whether it runs; the keeper tells the end of one that does not.
        package let isAlive: Bool
        /// Whether the keeper is its parent and tells its end.
        package let isKeepers: Bool

        package init(_ id: WorkerID, pid: Int32, isAlive: Bool, isKeepers: Bool) {
            self.id = id
            self.pid = pid
            self.isAlive = isAlive
            self.isKeepers = isKeepers
        }
    }

    /// The sockets of slots that were kept, with their inodes.
    package var slots: [SlotID: UInt64]
    package var workers: [FoundWorker]
    /// The numbers of stored descriptors that were kept.
    package var stored: Set<Int>
    /// Whether the keeper lacks something: it is another one, which nobody has filled yet.
    package var keeperLacks: Bool
    /// How what the current generation would be started from now differs from what it runs; nil where it does not.
    package var newerProgram: String?

    package init(
        slots: [SlotID: UInt64], workers: [FoundWorker], stored: Set<Int>, keeperLacks: Bool
    ) {
        self.slots = slots
        self.workers = workers
        self.stored = stored
        self.keeperLacks = keeperLacks
    }
}

extension Service {
    /// Goes on where a predecessor was cut short.
    ///
    /// - Parameters:
    ///   - settings: the new ones, with the listeners of the predecessor.
    ///   - former: what the predecessor's settings named.
    /// - Returns: the service, and what is to be done first.
    package static func resume(
        _ state: PredecessorState, _ findings: Findings, _ settings: ServiceSettings,
        policy: Policy, former: Launch?, at now: Instant
    ) -> (service: Service, verbs: [Verb]) {
        var service = Service(state, settings)
        var turn = ServiceTurn(at: now)
        turn.submit(.changePolicy(policy))
        service.takeOver(state, findings, former: former, &turn)
        service.settle(&turn)
        return (service, turn.verbs)
    }

    private init(
        _ state: PredecessorState, _ settings: ServiceSettings
    ) {
        self.settings = settings
        machine = Machine(
            state.service.machine,
            generations: state.generations.map { part in
                Generation(
                    part.head,
                    workers: (0..<part.workers).compactMap {
                        state.workers[WorkerID(part.head.id, $0)]?.worker
                    })
            })
        banks = Banks(resuming: state.listeners, banks: state.banks)
        adopted = AdoptedAddresses(resuming: state.listeners.map(\.evidence))
        holdsLifeLine = state.service.holdsLifeLine
        flipped = state.service.flipped
        isShuttingDown = state.service.isShuttingDown
        isRestarting = state.service.isRestarting == true
        following = Following(former: state.service.following)
        pending = Duties(state.duties)
        programs = Programs(state.programs)
        history = History(resuming: state.history)
        requests.goOn(after: state.service.lastRequest)
        for part in state.generations {
            if !part.lines.isEmpty { explanations.printed(part.head.id, part.lines) }
            explanations.explain(part.head.id, part.reason)
            if let origin = part.origin { programs.note(origin, of: part.head.id) }
        }
    }

    private mutating func takeOver(
        _ state: PredecessorState, _ findings: Findings, former: Launch?,
        _ turn: inout ServiceTurn
    ) {
        store.resume(state.stored, kept: findings.stored)
        // Those that are ordered from here on are given out where they are ordered.
        let open = duties
        takeOverSlots(findings, &turn)
        takeOverWorkers(state, findings, &turn)
        if findings.keeperLacks { turn.emit(.fillKeeper) }
        for duty in open {
            if case .resteer = duty { refusals.beginMove() }
            turn.emit(.duty(duty))
        }
        for effect in machine.repeatOpenEffects() { repeatEffect(effect, &turn) }
        // New flows went to a generation that is over: nothing is asked of the kernel until there is another.
        if machine.steeringAnswer == .awaited, let target = machine.steering, !isBeingSteered() {
            accepted(target.generation, .zero, &turn)
        }
        turn.emit(.useStore)
        resumeHistory(&turn)
        let running = workers.all.count { $0.process.isRunning }
        turn.emit(
            .announce(
                .note(
                    .notice,
                    "took over \(running == 1 ? "1 worker" : "\(running) workers"), "
                        + (machine.current.map { "generation \($0) is current" }
                            ?? "no generation is current"),
                    nil)))
        if let former, let wanted = wantedLaunch, !former.isSame(as: wanted),
            machine.launch.map({ !wanted.isSame(as: $0) }) ?? true
        {
            following = Following(former: former)
        }
        if isRestarting, let words = findings.newerProgram, let current = machine.current {
            outdated = (current, words)
        } else {
            isRestarting = false
        }
        followSettings(&turn)
    }

    /// Brings about again what was asked and not answered. The process of a worker that is there
    /// already is not asked for twice.
    private mutating func repeatEffect(_ effect: Effect, _ turn: inout ServiceTurn) {
        if case .startWorker(let id) = effect, workers[id] != nil { return }
        bringAbout(effect, &turn)
    }

    private mutating func takeOverSlots(_ findings: Findings, _ turn: inout ServiceTurn) {
        banks.keepIdle { findings.slots[$0.id] == $0.inode }
        let used = banks.inUse
        let leaving = Set(
            duties.compactMap { duty -> SlotID? in
                switch duty {
                case .release(let slot, _, _): slot
                case .park, .steer, .resteer, .signal, .letGo, .removePrivateFolders,
                    .tellDraining, .tellResumed, .tellStopping, .forgetStored:
                    nil
                }
            })
        // What nobody uses was made by a turn cut short.
        for slot in findings.slots.keys.sorted() where used[slot] == nil {
            guard !leaving.contains(slot) else { continue }
            order(.release(slot, of: nil, dropsBefore: 0), &turn)
        }
        let running = Set(findings.workers.filter(\.isAlive).map(\.id))
        for generation in banks.generations {
            for (index, listeners) in (banks[generation]?.slots ?? []).enumerated() {
                let id = WorkerID(generation, index)
                for slot in listeners.flatMap({ $0 })
                where findings.slots[slot.id] != slot.inode {
                    guard let kept = findings.slots[slot.id] else {
                        recoveries.begin(slot.id, of: id, inode: slot.inode, at: turn.now)
                        continue
                    }
                    // The predecessor had put it into the slot and did not live to write that down: between
                    // two workers, or in the place of one that its worker has connected or shut down and
                    // may keep. Datagrams have come to it since.
                    let isLent = running.contains(id)
                    _ = banks.replace(slot.id, BoundSocket(inode: kept), isFresh: isLent)
                    if !isLent { banks.mustBeRenewed(slot.id) }
                }
            }
        }
        recover(&turn)
    }

    /// A socket that was missing is there again.
    mutating func recovered(
        _ id: SlotID, _ socket: BoundSocket, of worker: WorkerID, _ turn: inout ServiceTurn
    ) {
        recoveries.end(id)
        _ = banks.replace(id, socket)
        let address = banks.listeners[id.listener].address
        turn.warn(
            "the socket of slot \(id.number) at \(address) was missing: taken from its worker",
            worker)
    }

    /// A socket that was missing is only its worker's, which is started again on another one.
    mutating func lost(_ id: SlotID, of worker: WorkerID, _ turn: inout ServiceTurn) {
        // One that has ended meanwhile is being started on another one already.
        guard recoveries.isOpen(id), !banks.isInFlight(id) else { return }
        let address = banks.listeners[id.listener].address
        turn.warn("the socket of slot \(id.number) at \(address) is lost", worker)
        // It is on record before there is another one, so that a successor does not leave the worker to
        // the one that it has.
        if workers.isAlive(worker) { order(.signal(worker, Self.kill), &turn) }
        turn.emit(.bind(id))
    }

    /// Asks for the sockets that are missing, as far as that is due.
    mutating func recover(_ turn: inout ServiceTurn) {
        for lost in recoveries.takeDue(at: turn.now) {
            turn.emit(.recover(lost.slot, from: lost.worker, inode: lost.inode))
        }
    }

    private mutating func takeOverWorkers(
        _ state: PredecessorState, _ findings: Findings, _ turn: inout ServiceTurn
    ) {
        var left: [WorkerID: Findings.FoundWorker] = [:]
        for found in findings.workers { left[found.id] = found }
        for generation in machine.generations {
            for place in generation.workers where place.hasProcess {
                let id = WorkerID(generation.id, place.index)
                let found = left.removeValue(forKey: id)
                takeOver(id, place, state.workers[id]?.process, found, &turn)
            }
        }
        for found in left.values.sorted(by: { $0.pid < $1.pid }) {
            if found.isAlive {
                turn.warn(
                    "worker \(found.id) (pid \(found.pid)) is in no generation: KILL", found.id)
                turn.emit(.killStray(pid: found.pid))
            }
            if !duties.contains(.letGo(found.id)) { order(.letGo(found.id), &turn) }
        }
    }

    /// A worker that the machine thinks has a process.
    private mutating func takeOver(
        _ id: WorkerID, _ place: HandoverCore.Worker, _ part: RecordPart.ProcessPart?,
        _ found: Findings.FoundWorker?, _ turn: inout ServiceTurn
    ) {
        // What has ended may be the one before; then letting it go is a duty still.
        let isFormer = found?.isAlive == false && duties.contains(.letGo(id))
        // The keeper alone would tell the end of one that has ended.
        let isLost = found?.isAlive == false && found?.isKeepers == false
        guard let found, !isFormer, !isLost else {
            missing(id, place, part, found, &turn)
            return
        }
        var process = WorkerProcess(.running(pid: found.pid), at: part?.startedAt ?? turn.now)
        process.isJoined = part?.isJoined ?? false
        process.answersBinds = part?.answersBinds ?? true
        process.isDraining = part?.isDraining ?? false
        process.toldDeadline = part?.toldDeadline
        process.channelVersion = part?.channelVersion
        process.statusText = part?.statusText
        process.waiting = []
        workers.put(id, process)
        guard found.isAlive else {
            // The keeper tells its end.
            if place.isSpawning { turn.submit(.workerStarted(id)) }
            return
        }
        turn.emit(.takeUp(id))
        if !process.isJoined {
            watchReadiness(of: id, &turn)
            workers.change(id) {
                $0.readiness?.resume(
                    isReady: place.isReady, speaksNotify: part?.speaksNotify ?? false,
                    saidReady: part?.saidReady ?? false, at: turn.now)
            }
        }
        if place.isReady { startWatchdog(id, at: turn.now) }
        if place.isSpawning { turn.submit(.workerStarted(id)) }
        for duty in part?.waiting ?? [] { order(duty, &turn) }
        if !found.isKeepers { turn.emit(.watchExit(id)) }
    }

    /// A worker that nobody has.
    private mutating func missing(
        _ id: WorkerID, _ place: HandoverCore.Worker, _ part: RecordPart.ProcessPart?,
        _ found: Findings.FoundWorker?, _ turn: inout ServiceTurn
    ) {
        // Asked for, and nobody knows whether that was heard: it is asked for again.
        if place.isSpawning { return }
        if found == nil, part?.isJoined == true, !place.isReady {
            // It was to be seated, and the predecessor did not live to do that.
            turn.submit(.seatNotTaken(id))
            return
        }
        exits[id] = .lost
        let slots = banks.slots(of: id).flatMap { $0 }.map(\.id)
        if slots.isEmpty {
            finishExit(id, leavesQueue: false, &turn)
        } else {
            turn.emit(.lookAtQueues(slots, .left(id)))
        }
    }
}
