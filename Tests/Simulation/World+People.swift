import HandoverCore
import ServiceCore
import Settings

/// What people ask for, and what befalls the world.
extension World {
    func wish(_ planned: PlannedWish) {
        people += 1
        if people == scenario.wishes.count {
            calmTime = time + 30_000_000
            agenda.plan(.endCanary, at: time + 5_000_000)
        }
        guard conductor != nil, !isCalm else { return }
        ask(planned.wish, planned.wait, sendsProgress: planned.sendsProgress)
    }

    /// One that waits to be asked for its next step gets all new flows, or none.
    func endCanary() {
        agenda.plan(.endCanary, at: time + 2_000_000)
        guard let trial = conductor?.service.machine.generations.compactMap(\.trial).first,
            trial.until == nil
        else { return }
        ask(random.oneIn(2) ? .promote(full: true) : .abort, .flip, sendsProgress: false)
    }

    private func ask(_ wish: Wish, _ wait: Wait, sendsProgress: Bool) {
        guard conductor != nil else { return }
        if case .drain(_, _, let keep?) = wish { keepAsked = max(keepAsked, keep) }
        if case .promote = wish { watchSeen?.isPromoted = true }
        lastNumber += 1
        let asker = AskerID(lastNumber)
        askers[asker] = Asker(wish: wish, wait: wait, incarnation: incarnation)
        let before = incarnation
        let isPaused = time < supervisorRunsAt
        handSoon(.asked(asker, wish, wait, sendsProgress: sendsProgress))
        if !isPaused, wish == .status, incarnation == before, scenario.slowness == 0,
            askers[asker]?.answers == 0
        {
            violate(.promise8, "status is not answered at once")
        }
    }

    func told(_ asker: AskerID, _ reply: Reply, _ service: Service) {
        switch reply {
        case .progress, .remark: return
        default: break
        }
        guard let found = askers[asker] else {
            return violate(.answers, "a stranger is told \(reply)")
        }
        askers[asker]?.answers += 1
        if found.answers > 0 { violate(.answers, "\(found.wish) is answered twice") }
        checkSuccess(found, reply, service)
    }

    func announced(_ notice: Notice, _ service: Service) {
        switch notice {
        case .handoverEnded(let summary):
            see(summary.report.entry, service)
            checkEnded(summary.report, service)
        case .note(_, let text, _) where text.hasPrefix("the settings name"):
            followed += 1
            if followed > 1 { violate(.answers, "changed settings are followed twice") }
        case .warning(let text, _), .critical(let text): wasTold(text)
        case .progress(let progress): checkWatch(progress, service)
        case .workerStarted, .workerReady, .workerExited, .note: break
        }
    }

    // MARK: Blows

    func befall(_ blow: PlannedBlow.Kind) {
        note("\(blow)")
        switch blow {
        case .supervisorDies: killSupervisor()
        case .keeperDies: killKeeper()
        case .workerDies:
            let pids = processes.keys.filter { isAlive($0) && processes[$0]?.id != nil }.sorted()
            if !pids.isEmpty { end(pids[fate.below(pids.count)], .killed(signal: 9)) }
        case .supervisorPauses(let length):
            supervisorRunsAt = max(supervisorRunsAt, time + Int64(length))
        case .allPause(let length):
            moveOn(to: time + Int64(length))
            processesRunAt = time + Int64(random.below(20_000))
            ranNot()
        case .keeperHangs(let length):
            keeperRunsAt = max(keeperRunsAt, time + Int64(length))
        case .descriptorsRunOut(let length): descriptorsAt = time + Int64(length)
        case .storeIsLost: if storeHolds, conductor != nil, keeper != nil { loseStore() }
        case .addressGoes(let listener, let length):
            kernel.groups[listener].addressIsThere = false
            if let length { plan(.addressComes(listener), after: length) }
        case .suspends(let length):
            let left = plannedTick == .max ? 0 : max(plannedTick - time, 0)
            moveOn(to: time + Int64(length))
            processesRunAt = time + Int64(random.below(20_000))
            ticksRunAt = time + left
            ranNot()
        case .clockJumps(let seconds): timeOfDay += Int64(seconds)
        case .askersFlood(let count):
            for _ in 0..<count { ask(.status, .none, sendsProgress: false) }
        case .joinersFlood(let count): flood(count)
        case .settingsChange(let version):
            if !settings.command.isEmpty { settings.command = ["v\(version)"] }
        case .hangUp(let version):
            handSoon(.hangUp(Launch(command: ["v\(version)"], workers: 1 + version % 3)))
        case .listenersChange(let number): changeListeners(number)
        case .stopSignal(let purpose): handSoon(.stopSignal(purpose))
        }
    }

    private func changeListeners(_ number: Int) {
        guard let service = conductor?.service else { return }
        let listener = ExtraListener.settings(port: UInt16(2000 + number))
        let isNamed = service.banks.listeners.enumerated().contains { index, shape in
            shape.isNamed && service.settings.listeners.indices.contains(index)
                && service.settings.listeners[index].address == listener.address
        }
        handSoon(
            .listenersNamed(
                isNamed
                    ? ListenerChanges(removed: [listener.address])
                    : ListenerChanges(added: [listener])))
        ask(
            .upgrade(command: ["v\(400 + fate.below(50))"], workers: nil), .drained,
            sendsProgress: true)
    }
}
