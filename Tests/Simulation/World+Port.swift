package import HandoverCore
package import ServiceCore

/// The world as the supervisor's port.
extension World: Port {
    /// Whether the supervisor is no more; each question may be where it is killed.
    package var isGone: Bool {
        if conductor == nil { return true }
        if diesHere() { killSupervisor() }
        return conductor == nil
    }

    package func append(_ changes: [(PartKey, RecordPart?)]) {
        if diesHere() {
            note("killed in the midst of a write")
            killSupervisor(writing: changes)
            if conductor == nil { return }
        }
        if fails(false) {
            // What is not written now is with the next batch: until then a death would lose it.
            file.append(changes, refusedAt: random.below(4))
            recordIsBehind = true
            return
        }
        if !changes.isEmpty { recordIsBehind = false }
        file.append(changes)
        if let fault = file.fault { violate(.promise6, "the record: \(fault)") }
    }

    package func wake(at deadline: Instant?) {
        ticksRunAt = 0
        guard let deadline else { return }
        let wanted = max(microseconds(deadline), time + 1)
        // One that comes too early asks again.
        guard wanted < plannedTick else { return }
        plannedTick = wanted
        agenda.plan(.tick(for: incarnation), at: wanted)
    }

    package func comeBack() { plan(.turn(for: incarnation), after: 1) }

    func microseconds(_ instant: Instant) -> Int64 {
        let parts = instant.sinceStart.components
        return parts.seconds * 1_000_000 + (parts.attoseconds + 999_999_999_999)
            / 1_000_000_000_000
    }

    package func perform(_ verb: Verb, of service: Service) {
        steps += 1
        note("verb \(verb)")
        checkWork(service)
        followHistory(service)
        if scenario.slowness > 0, !isCalm {
            moveOn(to: time + Int64(random.below(scenario.slowness)))
        }
        switch verb {
        case .duty(let duty): perform(duty, service)
        case .bind(let slot): bind(slot)
        case .renew(let slot, let afterWorker): renew(slot, afterWorker, service)
        case .recover(let slot, let id, let inode): recover(slot, id, inode)
        case .beginGiven(let slots): beginGiven(slots)
        case .countFlows: countFlows()
        case .countOutside(let generation, let workers):
            countOutside(generation, workers, service)
        case .lookAtQueues(let slots, let look):
            hand(.queuesSeen(look, hasData: slots.contains { hasData($0) }))
        case .observe(let expectation): observe(expectation)
        case .exchange(let slot): exchange(slot)
        case .lookAtAdopted(let bound, let look): lookAtAdopted(bound, look, service)
        case .makeListener(let wanted, let call): makeListener(wanted, call)
        case .addListener(let number, let listener): addListener(number, listener)
        case .moveListener(let number, let place, _, let call):
            moveListener(number, place, call, service)
        case .identify(let id): identify(id, service)
        case .findProgram(let number, let command):
            let program = fails() ? nil : program(Launch(command: command, workers: 1))
            hand(.programFound(number, program))
        case .restoreSettings(let number, _):
            let settings = service.settings
            hand(.settingsRestored(number, changed: [], settings, service.machine.policy))
        case .forgetProgram(let number): forget(.program(number))
        case .stamp(let id): hand(.stamped(id, at: secondsOfDay * 1000))
        case .readHistory: readHistory()
        case .writeHistory: writeHistory(service)
        case .spawn(let id): spawn(id, service)
        case .abandon(let id):
            keeper?.orders[id] = nil
            if let child = keeper?.children[id] { end(child.pid, .killed(signal: 9)) }
            if keeper == nil { abandoned.insert(id) }
            couldNotStart(id)
            hand(.spawnFailed(id, reason: "the keeper does not answer"))
        case .killStray(let pid): end(pid, .killed(signal: 9))
        case .endLeftover(let pid, let id): endLeftover(pid, of: id)
        case .takeUp(let id): takeUp(id, service)
        case .look(let id): look(id, service)
        case .runReadyCommand(let id):
            let pid = service.workers[id]?.pid ?? 0
            handLater(.readyCommandSucceeded(id, pid: pid), within: 100_000)
        case .stopReadyCommand: break
        case .runCheck(let id, let step, _):
            handLater(
                .checkEnded(id, step: step, fault: fails() ? "no space" : nil), within: 300_000)
        case .countDrops(let id): countDrops(id)
        case .runHook(let run):
            hookBegan(run, service)
            handLater(.hookEnded(run.number, fault: fails() ? "no space" : nil), within: 300_000)
        case .watchExit(let id): watchExit(id, service)
        case .renewKeeper(let starting): renewKeeper(starting, service)
        case .fillKeeper: fillKeeper(service)
        case .say(let id, let message, let request, let lending):
            said(id, message, request, lending, service)
        case .link(let order): linked(order, service)
        case .pin(let order): hand(.flowPinned(order, nil))
        case .store(_, let numbers): keepStored(numbers)
        case .seat(let joiner, let id): seat(joiner, id)
        case .refuseJoiner(let joiner, _, _): refuse(joiner)
        case .answerBind(let call, let slot): answerBind(call, slot)
        case .exchangeBind(let call, let slot, let other): exchangeBind(call, slot, by: other)
        case .leaveBind(let call): leaveBind(call)
        case .findHolders(let call, let id, let slots): findHolders(call, id, slots, service)
        case .tell(let asker, let reply): told(asker, reply, service)
        case .changeFlow(let asker, _):
            if let asker { told(asker, .refused("there is no such flow"), service) }
        case .announce(let notice): announced(notice, service)
        case .report: break
        case .useStore: useStore()
        case .leave: leave()
        case .reexec(let asker): reexec(asker)
        case .end: end(service)
        }
    }

    private func perform(_ duty: Duty, _ service: Service) {
        switch duty {
        case .release(let slot, let generation, let before):
            release(slot, generation, before, service)
        case .park(let slot, let generation, let before): park(slot, generation, before, service)
        case .steer(let generation, let choices, let canary):
            steer(generation, choices, canary, service)
        case .resteer(let slots):
            checkResteer(slots, service)
            if fails(false) {
                // They are to leave, whenever they do.
                for slot in slots {
                    isLate(kernel.groups[slot.listener].users[slot.number], service)
                }
                return hand(.resteeringFailed(slots, anyFault("resteer")))
            }
            for slot in slots {
                kernel.groups[slot.listener].unpin(slot.number)
                isLate(kernel.groups[slot.listener].users[slot.number], service)
            }
            hand(.resteered(slots))
        case .signal(let id, let signal): self.signal(id, signal, service)
        case .letGo(let id): letGo(id, service)
        case .removePrivateFolders: break
        case .tellDraining(let id, let deadline, _):
            checkKept(id, service)
            if drainDeadlines[id] == nil { beginOutside(id, service) }
            drainDeadlines[id] = .some(deadline)
            drains(id, service)
        case .tellResumed(let id): drainDeadlines[id] = nil
        case .tellStopping: break
        case .forgetStored(let numbers): for number in numbers { forget(.stored(number)) }
        }
    }

    // MARK: Chance

    /// Whether this call fails.
    func fails(_ makesDescriptor: Bool = true) -> Bool {
        guard !isCalm else { return false }
        calls += 1
        if makesDescriptor, time < descriptorsAt { return true }
        let isHit =
            scenario.script.map { $0.faults.contains(calls) }
            ?? fate.oneIn(scenario.callsPerFault)
        if isHit {
            script.faults.insert(calls)
            note("the next call fails")
        }
        return isHit
    }

    /// What the kernel may say, whatever was asked.
    func anyFault(_ call: String) -> PortFault {
        let (words, isPermission) = random.pick([
            ("cannot allocate memory", false), ("too many open files", false),
            ("operation not permitted", true), ("permission denied", true),
            ("interrupted system call", false), ("no buffer space available", false),
            ("invalid argument", false), ("input/output error", false),
        ])
        return PortFault("\(call): \(words)", isPermission: isPermission)
    }

    private func diesHere() -> Bool {
        guard !isCalm, !recordIsBehind else { return false }
        questions += 1
        let isHit =
            scenario.script.map { $0.crashes.contains(questions) }
            ?? fate.oneIn(scenario.questionsPerCrash)
        if isHit { script.crashes.insert(questions) }
        return isHit
    }
}
