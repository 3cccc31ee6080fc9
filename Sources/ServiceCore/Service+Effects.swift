import ChannelProtocol
import HandoverCore
import Settings

extension Service {
    /// Brings one effect of the machine about.
    mutating func bringAbout(_ effect: Effect, _ turn: inout ServiceTurn) {
        switch effect {
        case .prepareBank(let generation, let workers):
            identify(generation, &turn)
            prepareBank(generation, workers, &turn)
        case .inheritBank(let generation, let workers, let former):
            identify(generation, &turn)
            follow(banks.inherit(generation, workers: workers, from: former), &turn)
            order(.removePrivateFolders(former), &turn)
        case .freeBank(let generation): freeBank(generation, &turn)
        case .startWorker(let id): startWorker(id, &turn)
        case .stopWorker(let id): stopWorker(id, &turn)
        case .killWorker(let id): killWorker(id, &turn)
        case .steerNewFlows(let generation, let indexes, let canary):
            steer(generation, indexes, canary, &turn)
        case .abandonWorker(let id): abandon(id, &turn)
        case .resteer(let generation): moveOn(banks[generation]?.all ?? [], &turn)
        case .tellDraining(let generation): tellDraining(generation, &turn)
        case .tellResumed(let generation): tellResumed(generation, &turn)
        case .countFlows(let generation): countSessions(generation, &turn)
        case .watchQueues(let generation):
            queues.begin(generation, at: turn.now)
            lookAtQueues(&turn)
        case .runCheck(let generation, let step, let command):
            turn.emit(.runCheck(generation, step: step, command: command))
        case .countDrops(let generation): turn.emit(.countDrops(generation))
        case .answer(let request, let answer): self.answer(request, answer, &turn)
        case .progress(let progress): report(progress, &turn)
        case .handoverEnded(let report): handoverEnded(report, &turn)
        case .ended(let end):
            answerLeft(&turn)
            turn.emit(.end(explained(end)))
        }
    }

    /// Has the port do something that must be done even if this supervisor dies before.
    mutating func order(_ duty: Duty, _ turn: inout ServiceTurn) {
        if let id = duty.worker, workers[id]?.life == .asked {
            // Nobody is there to be told yet.
            workers.change(id) { $0.waiting.append(duty) }
            return
        }
        // What is still to be done, and may be done twice, need not be done a third time.
        if !duty.isNoticedTwice, pending.open.contains(duty) { return }
        pending.add(duty)
        if case .resteer = duty { refusals.beginMove() }
        turn.emit(.duty(duty))
    }

    /// Orders what banks ask for, duties among it.
    mutating func order(_ verbs: [Verb], _ turn: inout ServiceTurn) {
        for verb in verbs {
            switch verb {
            case .duty(let duty): order(duty, &turn)
            default: turn.emit(verb)
            }
        }
    }

    private func explained(_ end: ServiceEnd) -> ServiceEnd {
        switch end {
        case .stopped: return .stopped
        case .failed(let reason):
            guard let last = machine.generations.last else { return end }
            return .failed(explanations.explained(reason, of: last.id))
        }
    }

    // MARK: Banks

    /// Goes on with what the banks say.
    mutating func follow(_ answer: BanksAnswer, _ turn: inout ServiceTurn) {
        switch answer {
        case .waits(let verbs): order(verbs, &turn)
        case .prepared(let generation): prepared(generation, &turn)
        case .preparedAfter(let generation, let verbs):
            order(verbs, &turn)
            prepared(generation, &turn)
        case .bankFailed(let generation, let fault, let verbs):
            order(verbs, &turn)
            lacksPrivilege = fault.isPermission
            turn.submit(.bankFailed(generation, fault.description))
        case .renewed(let id, let lost):
            if lost > 0 { turn.submit(.dropsCounted(id.generation, lost)) }
            spawn(id, &turn)
        case .cannotStart(let id, let fault):
            workers.remove(id)
            turn.submit(.workerStartFailed(id, fault.description))
        case .grown(let call, let worker, let slot):
            slotsChanged(of: worker, &turn)
            self.answer(call, slot, &turn)
        case .rebound(let call, let worker, let slot, let lost):
            if lost > 0 { turn.submit(.dropsCounted(worker.generation, lost)) }
            slotsChanged(of: worker, &turn)
            self.answer(call, slot, &turn)
        case .growthFailed(let call, let fault, let verbs):
            order(verbs, &turn)
            if let pending = binds.end(call) { turn.warn("bind: \(fault)", pending.worker) }
            turn.emit(.leaveBind(call))
        case .freed(let generation, let lost):
            turn.submit(.dropsCounted(generation, lost))
        case .lost(let generation, let lost):
            if lost > 0 { turn.submit(.dropsCounted(generation, lost)) }
        }
    }

    /// A bank is there; the machine hears of it once the generation's program is known as well.
    mutating func prepared(_ generation: GenerationID, _ turn: inout ServiceTurn) {
        guard programs.mayStart(generation) else { return }
        if machine.steering == nil, banks.listeners.contains(where: { $0.given > 0 }) {
            turn.emit(.beginGiven(banks[generation]?.all.map(\.id) ?? []))
        }
        turn.submit(.bankPrepared(generation))
    }

    private mutating func freeBank(_ generation: GenerationID, _ turn: inout ServiceTurn) {
        queues.end(generation)
        flows[generation] = nil
        order(.removePrivateFolders(generation), &turn)
        let hasFailed = machine.generation(generation)?.phase == .failed
        let had = banks.listeners(of: generation)
        follow(banks.free(generation, hasFailed: hasFailed), &turn)
        closeWithdrawn(had, &turn)
    }

    /// One count serves all generations that ask for one in a turn.
    private mutating func countSessions(
        _ generation: GenerationID, _ turn: inout ServiceTurn
    ) {
        counted.insert(generation)
        if !turn.verbs.contains(.countFlows) { turn.emit(.countFlows) }
        // A worker that says it is drained knows better than what it has open shows.
        let present = workers.ids(of: generation).filter { id in
            let isDrained = machine.generation(generation)?.workers[id.index].isDrained ?? false
            return workers.isAlive(id) && !isDrained
        }
        let verb = Verb.countOutside(generation, present)
        if !turn.verbs.contains(verb) { turn.emit(verb) }
    }

    // MARK: Workers

    private mutating func startWorker(_ id: WorkerID, _ turn: inout ServiceTurn) {
        guard let launch = machine.generation(id.generation)?.launch else { return }
        // What is left of the one before it, which had its name.
        order(.letGo(id), &turn)
        workers.begin(id, .renewing, at: turn.now)
        if banks.needsRenewal(id) {
            follow(banks.renew(id), &turn)
        } else if launch.isJoined {
            workers.change(id) { $0.life = .open }
            turn.emit(.announce(.note(.info, "worker \(id) may join", id)))
            seatWaiting(&turn)
        } else {
            spawn(id, &turn)
        }
    }

    /// Has the process started, its slots being as fresh ones.
    mutating func spawn(_ id: WorkerID, _ turn: inout ServiceTurn) {
        guard let process = workers[id], process.life == .renewing else { return }
        if machine.generation(id.generation)?.launch.isJoined == true {
            workers.change(id) { $0.life = .open }
            seatWaiting(&turn)
            return
        }
        banks.lend(id)
        workers.change(id) { $0.life = .asked }
        turn.emit(.spawn(id))
    }

    private mutating func stopWorker(_ id: WorkerID, _ turn: inout ServiceTurn) {
        guard !closeOpen(id, &turn) else { return }
        order(.tellStopping(id, within: settings.stopTimeout), &turn)
        order(.signal(id, settings.stopSignal.number), &turn)
    }

    private mutating func killWorker(_ id: WorkerID, _ turn: inout ServiceTurn) {
        guard !closeOpen(id, &turn) else { return }
        if workers[id]?.life == .asked {
            // The keeper has not started it in all that time: nobody is to wait for its silence. It may do
            // so still when a successor listens, which sees to its end then.
            order(.signal(id, Self.kill), &turn)
            turn.emit(.abandon(id))
            return
        }
        turn.emit(.announce(.warning("worker \(id) did not stop: KILL", id)))
        order(.signal(id, Self.kill), &turn)
    }

    /// Ends a worker that has no process yet; false where there is one to be told.
    private mutating func closeOpen(_ id: WorkerID, _ turn: inout ServiceTurn) -> Bool {
        switch workers[id]?.life {
        case .open:
            workers.remove(id)
            turn.submit(.workerStartFailed(id, "nobody has joined"))
            return true
        case .renewing:
            workers.remove(id)
            turn.submit(.workerStartFailed(id, "it was stopped before it began"))
            return true
        case .asked, .running, nil: return false
        }
    }

    /// SIGKILL and SIGABRT, the same on every Linux.
    static let kill: Int32 = 9
    static let abort: Int32 = 6

    // MARK: Telling workers

    private mutating func tellDraining(_ generation: GenerationID, _ turn: inout ServiceTurn) {
        // One that is not ready yet might be killed by a signal that it does not expect.
        guard let crew = machine.generation(generation)?.workers else { return }
        for place in crew where place.isReady {
            let id = WorkerID(generation, place.index)
            guard let worker = workers[id], !worker.isDraining else { continue }
            let deadline = machine.generation(generation)?.drainDeadline
            workers.change(id) {
                $0.isDraining = true
                $0.toldDeadline = deadline
            }
            order(
                .tellDraining(id, deadline: deadline, signal: settings.drainSignal?.number), &turn)
        }
    }

    private mutating func tellResumed(_ generation: GenerationID, _ turn: inout ServiceTurn) {
        turn.emit(.announce(.note(.info, "generation \(generation) serves on", nil)))
        for id in workers.ids(of: generation) where workers[id]?.isDraining == true {
            workers.change(id) {
                $0.isDraining = false
                $0.toldDeadline = nil
            }
            order(.tellResumed(id), &turn)
        }
    }

    /// Tells workers that drain of a deadline that has changed.
    mutating func tellDeadline(
        _ generation: GenerationID, _ deadline: Instant?, _ turn: inout ServiceTurn
    ) {
        for id in workers.ids(of: generation) {
            guard let worker = workers[id], worker.isDraining, worker.toldDeadline != deadline
            else { continue }
            workers.change(id) { $0.toldDeadline = deadline }
            order(.tellDraining(id, deadline: deadline, signal: nil), &turn)
        }
    }
}
