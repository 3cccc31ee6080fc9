import ChannelProtocol
import HandoverCore
import Settings

extension Service {
    /// Takes one input; the events that it leads to wait for `settle`.
    mutating func take(_ input: Input, _ turn: inout ServiceTurn) {
        switch input {
        case .start:
            turn.emit(.readHistory)
            if let launch = wantedLaunch {
                turn.submit(.start(launch))
            } else {
                turn.emit(.announce(.note(.notice, "waits for workers to join", nil)))
            }
        case .tick: tick(&turn)

        case .asked(let asker, let wish, let wait, let sendsProgress, let origin, let role):
            if let refusal = refusal(of: wish, as: role) {
                return turn.emit(asker.map { .tell($0, .notPermitted(refusal)) })
            }
            take(wish, from: asker, wait, sendsProgress: sendsProgress, origin, &turn)
        case .askerGone(let asker):
            requests.forget(asker)
            statusAskers.removeAll { $0 == asker }
        case .hangUp(let launch): hangUp(launch, &turn)
        case .settingsChanged(let changed, let policy):
            settings = changed
            change(policy, &turn)
        case .settingsRestored(let number, let names, let changed, let policy):
            settings = changed
            change(policy, &turn)
            settingsRestored(number, names, &turn)
        case .listenersNamed(let changes): name(changes, &turn)
        case .stopSignal(let purpose): stop(purpose, &turn)

        case .slotBound(let slot, let socket):
            let wasLost = recoveries.end(slot)
            reconciler.endRepair(slot)
            follow(banks.bound(slot, socket), &turn)
            if wasLost { refreshSteering(&turn) }
        case .bindFailed(let slot, let fault):
            recoveries.failed(slot, at: turn.now)
            reconciler.endRepair(slot)
            follow(banks.failed(slot, fault), &turn)
        case .slotRecovered(let slot, let socket, let id):
            recovered(slot, socket, of: id, &turn)
        case .slotLost(let slot, let id): lost(slot, of: id, &turn)
        case .slotReleased(let slot, let generation, let lost, let total):
            recoveries.end(slot)
            follow(banks.released(slot, of: generation, lost: lost, total: total), &turn)
        case .steered(let generation, let time):
            steered(generation, time, &turn)
        case .steeringFailed(let generation, let fault):
            steeringFailed(generation, fault, &turn)
        case .resteered: moved(&turn)
        case .resteeringFailed(let slots, let fault): resteeringFailed(slots, fault, &turn)
        case .flowsCounted(let counts, let traffic): flowsCounted(counts, traffic, &turn)
        case .outsideCounted(let generation, let count):
            turn.submit(.outsideCounted(generation, count))
        case .queuesSeen(let look, let hasData): queuesSeen(look, hasData, &turn)
        case .identified(let generation, let program, let time):
            identified(generation, program, at: time, &turn)
        case .programLost(let generation, let change): programLost(generation, change, &turn)
        case .programFound(let number, let found): programFound(number, found, &turn)
        case .stamped(let id, let time): history.change(id) { $0.at = $0.at ?? time }
        case .historyRead(let found, let fault): historyRead(found, fault, &turn)
        case .historyWritten(let fault): historyWritten(fault, &turn)
        case .observed(let observation): observed(observation, &turn)
        case .slotExchanged(let slot, let socket): exchanged(slot, socket, &turn)
        case .programRefused(let listener, let id): programRefused(listener, id, &turn)
        case .adoptedSeen(let uses, let look): adoptedSeen(uses, look, &turn)
        case .listenerMade(let number, let shape, let call):
            listenerMade(number, shape, call, &turn)
        case .listenerFailed(let call, let fault):
            if let pending = binds.end(call) { turn.warn("bind: \(fault)", pending.worker) }
            turn.emit(.leaveBind(call))
        case .listenerAdded(let number, let shape): listenerAdded(number, shape, &turn)
        case .listenerNotAdded(let number, let fault): listenerNotAdded(number, fault, &turn)

        case .workerSpawned(let id, let pid, let answersBinds):
            spawned(id, pid, answersBinds: answersBinds, &turn)
        case .spawnFailed(let id, let reason):
            guard workers[id]?.life == .asked else { return }
            workers.remove(id)
            order(.letGo(id), &turn)
            turn.submit(.workerStartFailed(id, reason))
        case .workerExited(let id, let pid, let exit): exited(id, pid, exit, &turn)
        case .workerSeen(let id, let pid, let sight):
            if workers.runs(id, as: pid) { seen(id, sight, &turn) }
        case .readyCommandSucceeded(let id, let pid):
            if workers.runs(id, as: pid) { learn(id, &turn) { $0.commandSucceeded = true } }
        case .checkEnded(let id, let step, let fault):
            turn.submit(.checked(id, step: step, failure: fault))
        case .dropsSeen(let id, let total): turn.submit(.dropsSeen(id, total: total))
        case .hookEnded(let number, let fault): hookEnded(number, fault, &turn)
        case .printed(let id, let lines): explanations.printed(id.generation, lines)
        case .notified(let id, let pid, let notification, let received, let duplicates):
            guard workers.runs(id, as: pid) else { return }
            notified(id, notification, received, duplicates, &turn)
        case .heard(let id, let pid, let request, let received, let duplicates):
            guard workers.runs(id, as: pid) else { return }
            heard(id, request, received, duplicates, &turn)
        case .linkMade(let order, let result): linkMade(order, result, &turn)
        case .flowPinned(let order, let fault):
            reply(to: order.worker, order.request, fault, &turn)
        case .joinerGreeted(let joiner, let hello, let request, let pid):
            greeted(joiner, hello, request, pid, &turn)
        case .joinerGone(let joiner): joiners.forget(joiner)
        case .bindAsked(let call, let id, let pid, let bind):
            bindAsked(call, id, pid, bind, &turn)
        case .holdersSeen(let call, let held): holdersSeen(call, held, &turn)
        case .bindAnswered(let call, let slot, let fault):
            bindAnswered(call, slot, fault, &turn)

        case .keeperLost(let pid):
            let text = "the keeper (pid \(pid)) has died: another one takes its place"
            turn.emit(.announce(.note(.error, text, nil)))
            renewKeeper(&turn)
        case .keeperRenewed(let pid):
            turn.emit(.announce(.note(.notice, "another keeper (pid \(pid)) has all", nil)))
            guard holdsLifeLine else { break }
            // The dead keeper's.
            holdsLifeLine = false
            turn.emit(.useStore)
        case .keeperFailed(let reason):
            turn.emit(.announce(.critical(reason)))
            keeperDueAt = turn.now + .seconds(1)
        case .storeHeld:
            holdsLifeLine = true
            turn.emit(
                .announce(.note(.info, "the service manager holds the keeper's life line", nil)))
        case .storeLost(let reason):
            holdsLifeLine = false
            turn.emit(
                .announce(
                    .note(
                        .notice,
                        "the service manager keeps no descriptors, so that a restart of the unit is a "
                            + "stop and a start: \(reason)", nil)))
        }
    }

    /// Does what is due.
    private mutating func tick(_ turn: inout ServiceTurn) {
        turn.submit(.tick)
        for id in workers.lookedAt(by: turn.now) {
            workers.change(id) { $0.readiness?.look() }
            turn.emit(.look(id))
        }
        for id in workers.silent(at: turn.now) { missedWatchdog(id, &turn) }
        lookAtQueues(&turn)
        recover(&turn)
        if let due = keeperDueAt, due <= turn.now {
            keeperDueAt = nil
            renewKeeper(&turn)
        }
        steerAgainIfDue(&turn)
        observeIfDue(&turn)
    }

    /// Has another keeper started, and goes on at once: it can be asked before it is at hand.
    private mutating func renewKeeper(_ turn: inout ServiceTurn) {
        let asked = workers.asked
        turn.emit(.renewKeeper(starting: asked))
        // A process that the dead keeper was asked for is ended where it was started at all.
        for id in asked { askAgain(id, &turn) }
        // They became children of this process, or have no parent that would tell.
        for (id, process) in workers.all where process.isRunning { turn.emit(.watchExit(id)) }
    }

    /// Asks the next keeper for a worker, once: with one that two keepers died of something is wrong.
    private mutating func askAgain(_ id: WorkerID, _ turn: inout ServiceTurn) {
        guard workers[id]?.wasAskedAgain == true else {
            workers.change(id) { $0.wasAskedAgain = true }
            turn.emit(.spawn(id))
            return
        }
        workers.remove(id)
        order(.letGo(id), &turn)
        turn.submit(.workerStartFailed(id, "the keeper died twice before it had started it"))
    }

    // MARK: Queues and flows

    /// Looks at the queues that are due.
    mutating func lookAtQueues(_ turn: inout ServiceTurn) {
        for generation in queues.takeDue(at: turn.now) {
            // A worker that is gone has left what `workerLeft` decides about.
            let slots = workers.ids(of: generation).filter { workers.isAlive($0) }
                .flatMap { banks.slots(of: $0).flatMap { $0 } }
            if slots.isEmpty {
                emptied(generation, &turn)
            } else {
                turn.emit(.lookAtQueues(slots.map(\.id), .emptying(generation)))
            }
        }
    }

    /// Nothing is left to read, unless it is just being looked what a worker that has ended has left.
    private mutating func emptied(_ generation: GenerationID, _ turn: inout ServiceTurn) {
        // Nor while flows may still come to it.
        if exits.keys.contains(where: { $0.generation == generation })
            || refusals.holds(generation)
        {
            return queues.again(generation, at: turn.now)
        }
        queues.end(generation)
        turn.submit(.queuesEmpty(generation))
    }

    private mutating func queuesSeen(
        _ look: QueueLook, _ hasData: Bool, _ turn: inout ServiceTurn
    ) {
        switch look {
        case .emptying(let generation):
            if hasData {
                queues.again(generation, at: turn.now)
            } else if queues.contains(generation) {
                emptied(generation, &turn)
            }
        case .left(let id): finishExit(id, leavesQueue: hasData, &turn)
        }
    }

    private mutating func flowsCounted(
        _ counts: [SlotID: FlowCount], _ traffic: Traffic, _ turn: inout ServiceTurn
    ) {
        sample(counts, traffic, turn)
        for asker in statusAskers { turn.emit(.tell(asker, .status(counts))) }
        statusAskers = []
        let asked = counted
        counted = []
        for generation in machine.generations where asked.contains(generation.id) {
            var total = FlowCount(confirmed: 0)
            for slot in banks[generation.id]?.all ?? [] {
                guard let count = counts[slot.id] else { continue }
                total.confirmed += count.confirmed
                total.unconfirmed += count.unconfirmed
                total.recentUnconfirmed += count.recentUnconfirmed
            }
            flows[generation.id] = total
            turn.submit(.flowsCounted(generation.id, total))
        }
    }
}
