import HandoverCore
import ServiceCore
import Settings

/// What people ask for, and what befalls the world.
extension World {
    func wish(_ planned: PlannedWish) {
        people += 1
        if people == scenario.wishes.count { calmTime = time + 30_000_000 }
        guard conductor != nil, !isCalm else { return }
        lastNumber += 1
        let asker = AskerID(lastNumber)
        askers[asker] = Asker(
            wish: planned.wish, wait: planned.wait, incarnation: incarnation)
        let before = incarnation
        let item = Item.input(
            .asked(asker, planned.wish, planned.wait, sendsProgress: planned.sendsProgress),
            for: incarnation)
        if time < supervisorRunsAt { return agenda.plan(item, at: supervisorRunsAt) }
        hand(.asked(asker, planned.wish, planned.wait, sendsProgress: planned.sendsProgress))
        if planned.wish == .status, incarnation == before, scenario.slowness == 0,
            askers[asker]?.answers == 0
        {
            violate(.promise8, "status is not answered at once")
        }
    }

    func told(_ asker: AskerID, _ reply: Reply, _ service: Service) {
        if case .progress = reply { return }
        guard let found = askers[asker] else {
            return violate(.answers, "a stranger is told \(reply)")
        }
        askers[asker]?.answers += 1
        if found.answers > 0 { violate(.answers, "\(found.wish) is answered twice") }
        checkSuccess(found, reply, service)
    }

    func announced(_ notice: Notice, _ service: Service) {
        switch notice {
        case .handoverEnded(let summary): checkEnded(summary.report, service)
        case .note(_, let text, _) where text.hasPrefix("the settings name"):
            followed += 1
            if followed > 1 { violate(.answers, "changed settings are followed twice") }
        case .progress, .workerStarted, .workerReady, .workerExited, .warning, .critical, .note:
            break
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
        case .supervisorPauses(let length): supervisorRunsAt = time + Int64(length)
        case .allPause(let length):
            moveOn(to: time + Int64(length))
            processesRunAt = time + Int64(random.below(20_000))
        case .keeperHangs(let length): keeperRunsAt = time + Int64(length)
        case .descriptorsRunOut(let length): descriptorsAt = time + Int64(length)
        case .storeIsLost: if storeHolds, conductor != nil, keeper != nil { loseStore() }
        case .addressGoes(let listener): kernel.groups[listener].addressIsThere = false
        case .settingsChange(let version):
            if !settings.command.isEmpty { settings.command = ["v\(version)"] }
        case .hangUp(let version):
            handSoon(.hangUp(Launch(command: ["v\(version)"], workers: 1 + version % 3)))
        case .stopSignal(let purpose): handSoon(.stopSignal(purpose))
        }
    }
}
