import HandoverCore
import ServiceCore

/// The simulated port: carries verbs out in the simulated world.
extension World {
    /// Whether this call fails, by the dice.
    private func fails() -> Bool {
        !isCalm && random.oneIn(scenario.callsPerFault)
    }

    private func answer(_ input: Input) { inbox.append(input) }

    /// Answers later, if this supervisor still lives then.
    func answerLater(_ input: Input, within most: Int = 2_000) {
        agenda.plan(.input(input, for: incarnation), at: now + random.time(1...most))
    }

    func perform(_ verb: Verb) {
        switch verb {
        case .duty(let duty): perform(duty)
        case .bind(let slot): bind(slot, renews: false)
        case .renew(let slot, _): bind(slot, renews: true)
        case .recover(let slot, let id, let inode): recover(slot, id, inode)
        case .countFlows: countFlows()
        case .countOutside(let generation, _):
            answer(.outsideCounted(generation, OutsideCount()))
        case .lookAtQueues(let slots, let look):
            let hasData = slots.contains { slot in
                inode(slot).map { !kernel.queue($0).isEmpty } ?? false
            }
            answer(.queuesSeen(look, hasData: hasData))
        case .observe: answerLater(.observed(Observation()), within: 100_000)
        case .makeListener(_, let call), .moveListener(_, _, _, let call):
            answer(.listenerFailed(call, PortFault("no binds are simulated")))
        case .spawn(let id): spawn(id)
        case .abandon(let id):
            keeper?.orders[id] = nil
            inbox.append(.spawnFailed(id, reason: "the keeper does not answer"))
        case .killStray(let pid): end(pid, .killed(signal: 9))
        case .takeUp: break
        case .look(let id): look(id)
        case .runReadyCommand(let id): answerLater(.readyCommandSucceeded(id), within: 100_000)
        case .stopReadyCommand: break
        case .watchExit(let id): watchExit(id)
        case .renewKeeper(let starting): renewKeeper(starting)
        case .fillKeeper: fillKeeper()
        case .beginGiven: break
        case .say, .refuseJoiner, .answerBind, .leaveBind, .announce, .report: break
        case .link(let order): answer(.linkMade(order, random.oneIn(3) ? .busy : .made))
        case .pin(let order): answer(.flowPinned(order, nil))
        case .store(_, let numbers):
            for number in numbers.compactMap({ $0 }) { keep(.stored(number), .other) }
        case .seat(let joiner, let id): seat(joiner, id)
        case .findHolders(let call, _, _): answer(.holdersSeen(call, held: []))
        case .tell(let asker, let reply): told(asker, reply)
        case .useStore: useStore()
        case .leave, .reexec: killSupervisor()
        case .end: end()
        }
    }

    // MARK: Sockets

    /// The socket that the supervisor has for a slot.
    func inode(_ slot: SlotID) -> UInt64? {
        guard let inode = kernel.groups[slot.listener].sockets[slot.number],
            kernel.isHeld(inode, by: .supervisor)
        else { return nil }
        return inode
    }

    private func bind(_ slot: SlotID, renews: Bool) {
        if fails() {
            // A renewal that fails leaves the socket as it was.
            answer(.bindFailed(slot, PortFault("bind: too many open files")))
            return
        }
        if renews, let inode = inode(slot) {
            guard kernel.sockets[inode]?.isShutDown == true else {
                answer(.slotBound(slot, BoundSocket(inode: inode)))
                return
            }
            let lost = kernel.discard(inode)
            if lost > 0 { mayLose = true }
            forget(.slot(slot))
            kernel.letGo(inode, .supervisor)
            let fresh = kernel.bind(slot)
            keep(.slot(slot), .socket(fresh))
            answer(.slotBound(slot, BoundSocket(inode: fresh, lost: lost)))
            return
        }
        if let old = kernel.groups[slot.listener].sockets[slot.number],
            kernel.isHeld(old, by: .supervisor)
        {
            violate("one socket a slot", "slot \(slot) is bound while it has a socket")
        }
        let inode = kernel.bind(slot)
        keep(.slot(slot), .socket(inode))
        answer(.slotBound(slot, BoundSocket(inode: inode)))
    }

    private func recover(_ slot: SlotID, _ id: WorkerID, _ wanted: UInt64) {
        if kernel.sockets[wanted] != nil, !fails() {
            kernel.hold(wanted, .supervisor)
            kernel.groups[slot.listener].sockets[slot.number] = wanted
            keep(.slot(slot), .socket(wanted))
            answer(
                .slotRecovered(slot, BoundSocket(inode: wanted), of: id, isFresh: false))
        } else {
            mayLose = true
            let inode = kernel.bind(slot)
            keep(.slot(slot), .socket(inode))
            answer(.slotRecovered(slot, BoundSocket(inode: inode), of: id, isFresh: true))
        }
    }

    private func countFlows() {
        var counts: [SlotID: FlowCount] = [:]
        for (listener, group) in kernel.groups.enumerated() {
            for (flow, number) in group.pins {
                guard isLive(flow: flow) else { continue }
                counts[SlotID(listener: listener, number: number), default: FlowCount(confirmed: 0)]
                    .confirmed += 1
            }
        }
        answer(.flowsCounted(counts))
    }

    // MARK: Duties

    private func perform(_ duty: Duty) {
        switch duty {
        case .release(let slot, let generation, _): release(slot, generation)
        case .park(let slot, let generation, _):
            checkRelease(slot)
            kernel.groups[slot.listener].pins = kernel.groups[slot.listener].pins.filter {
                $0.value != slot.number
            }
            let lost = inode(slot).map { kernel.discard($0) } ?? 0
            checkLoss(lost, slot, of: generation)
            answer(.slotReleased(slot, of: generation, lost: lost, total: 0))
        case .steer(let generation, let choices): steer(generation, choices)
        case .resteer(let slots):
            checkResteer(slots)
            for slot in slots {
                kernel.groups[slot.listener].pins = kernel.groups[slot.listener].pins.filter {
                    $0.value != slot.number
                }
            }
        case .signal(let id, let signal): self.signal(id, signal)
        case .letGo(let id): letGo(id)
        case .removePrivateFolders: break
        case .tellDraining(let id, _, _): drains(id)
        case .tellResumed, .tellStopping: break
        case .forgetStored(let numbers): for number in numbers { forget(.stored(number)) }
        }
    }

    private func release(_ slot: SlotID, _ generation: GenerationID?) {
        checkRelease(slot)
        kernel.groups[slot.listener].pins = kernel.groups[slot.listener].pins.filter {
            $0.value != slot.number
        }
        var lost = 0
        if let inode = inode(slot) {
            lost = kernel.discard(inode)
            checkLoss(lost, slot, of: generation)
            kernel.groups[slot.listener].sockets[slot.number] = nil
            kernel.letGo(inode, .supervisor)
        }
        forget(.slot(slot))
        answer(.slotReleased(slot, of: generation, lost: lost, total: lost))
    }

    private func steer(_ generation: GenerationID, _ choices: [[Int]?]) {
        checkSteering(generation, choices)
        for (listener, choice) in choices.enumerated() {
            if let choice { kernel.groups[listener].choice = choice }
        }
        answer(.steered(generation, took: .microseconds(1)))
    }

    // MARK: The keeper and the service manager

    func keep(_ name: KeptName, _ kept: SimulatedKeeper.Kept) {
        if keeper != nil {
            if case .socket(let inode) = kept { kernel.hold(inode, .keeper) }
            keeper?.kept[name] = kept
        }
        if storeHolds {
            if case .socket(let inode) = kept { kernel.hold(inode, .store) }
            store[name] = kept
        }
    }

    func forget(_ name: KeptName) {
        if case .socket(let inode) = keeper?.kept.removeValue(forKey: name) {
            kernel.letGo(inode, .keeper)
        }
        if case .socket(let inode) = store.removeValue(forKey: name) {
            kernel.letGo(inode, .store)
        }
    }

    private func useStore() {
        guard scenario.hasStore, !fails() else {
            storeHolds = false
            for kept in store.values {
                if case .socket(let inode) = kept { kernel.letGo(inode, .store) }
            }
            store = [:]
            if scenario.hasStore { answerLater(.storeLost(reason: "no answer")) }
            return
        }
        storeHolds = true
        for (name, kept) in keeper?.kept ?? [:] where store[name] == nil {
            if case .socket(let inode) = kept { kernel.hold(inode, .store) }
            store[name] = kept
        }
        answerLater(.storeHeld)
    }

    private func renewKeeper(_ starting: [WorkerID]) {
        if fails() {
            answer(.keeperFailed(reason: "the keeper could not be started"))
            return
        }
        keeper = SimulatedKeeper(number: lastNumber)
        lastNumber += 1
        for process in processes.values where starting.contains(process.id) {
            if service?.workers[process.id]?.pid != process.pid {
                end(process.pid, .killed(signal: 9))
            }
        }
        fillKeeper()
        answer(.keeperRenewed)
    }

    private func fillKeeper() {
        guard let service else { return }
        for slot in service.banks.slotsInUse {
            if let inode = inode(slot) { keep(.slot(slot), .socket(inode)) }
        }
        for entry in service.store.entries { keep(.stored(entry.number), .other) }
        for (id, process) in service.workers.all where process.isRunning {
            keep(.worker(id, .process), .other)
        }
    }

    private func letGo(_ id: WorkerID) {
        for part in KeptName.WorkerPart.allCases { forget(.worker(id, part)) }
        keeper?.orders[id] = nil
        if let child = keeper?.children[id], child.exit != nil { keeper?.children[id] = nil }
    }

    /// The service is over.
    private func end() {
        note("the service has ended")
        ended = true
        if !processes.isEmpty { violate("end", "\(processes.count) processes are left") }
        // Sockets that a listener kept for later generations go with the keeper.
        for slot in service?.banks.slotsInUse ?? [] {
            if let inode = inode(slot) { checkLoss(kernel.discard(inode), slot) }
            forget(.slot(slot))
        }
        let left = (keeper?.kept.keys.map { "\($0)" } ?? []).sorted()
        if !left.isEmpty { violate("end", "kept still: \(left)") }
        service = nil
        incarnation += 1
        kernel.letGoOfAll(.supervisor)
    }
}
