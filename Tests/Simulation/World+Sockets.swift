import HandoverCore
import ServiceCore
import Settings

/// What the kernel does for the supervisor.
extension World {
    /// The socket that the supervisor has for a slot.
    func inode(_ slot: SlotID) -> UInt64? {
        guard let inode = kernel.inode(slot), kernel.sockets[inode]?.supervisor == true else {
            return nil
        }
        return inode
    }

    func hasData(_ slot: SlotID) -> Bool { inode(slot).map { !kernel.queueIsEmpty($0) } ?? false }

    func bindFault(_ slot: SlotID) -> PortFault? {
        if !kernel.groups[slot.listener].addressIsThere {
            return PortFault("bind: cannot assign requested address")
        }
        if scenario.keepsBindOrder, !isCalm, !kernel.groups[slot.listener].strangers.isEmpty {
            return PortFault("a socket that is not the service's has joined its group")
        }
        return fails() ? anyFault("bind") : nil
    }

    func open(_ slot: SlotID) -> UInt64 {
        let inode = kernel.bind(slot)
        keep(.slot(slot), .socket(inode))
        return inode
    }

    private func cannotBind(_ slot: SlotID, _ fault: PortFault) {
        hand(.bindFailed(slot, fault))
    }

    func bind(_ slot: SlotID) {
        if let fault = bindFault(slot) { return cannotBind(slot, fault) }
        if inode(slot) != nil {
            violate(.descriptors, "slot \(slot) is bound while it has a socket")
        }
        hand(.slotBound(slot, BoundSocket(inode: open(slot))))
    }

    func renew(_ slot: SlotID, _ afterWorker: Bool, _ service: Service) {
        guard let inode = inode(slot), let socket = kernel.sockets[inode] else {
            return bind(slot)
        }
        // A process that its worker has left may read it.
        let isHeld = afterWorker && !socket.processes.isEmpty
        guard isHeld || socket.isShutDown || socket.hasPeer else {
            if fails(false) {
                if afterWorker { couldNotStart(kernel.groups[slot.listener].users[slot.number]) }
                return cannotBind(slot, anyFault("renew"))
            }
            return hand(.slotBound(slot, BoundSocket(inode: inode, drops: socket.drops)))
        }
        if let fault = bindFault(slot) {
            if afterWorker { couldNotStart(kernel.groups[slot.listener].users[slot.number]) }
            return cannotBind(slot, fault)
        }
        let lost = kernel.read(inode).count
        checkLoss(lost, slot, of: nil, service)
        forget(.slot(slot))
        kernel.leaveGroup(slot)
        kernel.letGo(inode, .supervisor)
        let fresh = open(slot)
        hand(.slotBound(slot, BoundSocket(inode: fresh, lost: lost)))
    }

    func recover(_ slot: SlotID, _ id: WorkerID, _ wanted: UInt64) {
        if inode(slot) != nil {
            violate(.descriptors, "slot \(slot) is recovered while it has a socket")
        }
        guard kernel.sockets[wanted] != nil, !fails() else {
            unsound.insert(id)
            return hand(.slotLost(slot, of: id))
        }
        kernel.hold(wanted, .supervisor)
        kernel.enterGroup(slot, wanted)
        keep(.slot(slot), .socket(wanted))
        let drops = kernel.sockets[wanted]?.drops ?? 0
        hand(.slotRecovered(slot, BoundSocket(inode: wanted, drops: drops), of: id))
    }

    func countFlows() {
        var counts: [SlotID: FlowCount] = [:]
        for (listener, group) in kernel.groups.enumerated() {
            for (flow, number) in group.pins where isLive(flow) {
                counts[SlotID(listener: listener, number: number), default: FlowCount(confirmed: 0)]
                    .confirmed += 1
            }
        }
        let sent = UInt64(max(0, time / 100))
        let traffic = Traffic(datagrams: sent, opened: sent / 10, drops: 0, others: sent / 3)
        hand(.flowsCounted(counts, traffic))
    }

    /// What sockets that are closed have dropped is forgotten with each supervisor.
    func countDrops(_ id: GenerationID) {
        if random.oneIn(20) { otherDrops += random.below(8) }
        let drops = kernel.sockets.values.reduce(0) { $0 + $1.drops }
        hand(.dropsSeen(id, total: drops + otherDrops))
    }

    /// Who has what it has bound open, as the shell would find out.
    func lookAtAdopted(_ bound: [BoundSlots], _ look: AdoptedLook, _ service: Service) {
        var uses: [SlotID: SlotUse] = [:]
        for worker in bound {
            guard service.workers[worker.worker]?.pid.flatMap({ processes[$0] }) != nil else {
                continue
            }
            for slot in worker.slots {
                guard let inode = inode(slot) else { continue }
                let isOpen = kernel.sockets[inode]?.processes.isEmpty == false
                uses[slot] = isOpen ? .serving : .unheld
            }
        }
        hand(.adoptedSeen(uses, look))
    }

    // MARK: Giving back

    func release(
        _ slot: SlotID, _ generation: GenerationID?, _ before: Int, _ service: Service
    ) {
        var lost = 0
        var total = 0
        if let inode = inode(slot) {
            checkRelease(slot, inode)
            let unread = kernel.read(inode).count
            let drops = kernel.sockets[inode]?.drops ?? 0
            checkLoss(unread, slot, of: generation, service)
            lost = unread + max(0, drops - before)
            total = unread + drops
            kernel.leaveGroup(slot)
            kernel.letGo(inode, .supervisor)
        }
        kernel.groups[slot.listener].unpin(slot.number)
        kernel.groups[slot.listener].giveBack(slot.number)
        forget(.slot(slot))
        hand(.slotReleased(slot, of: generation, lost: lost, total: total))
    }

    func park(_ slot: SlotID, _ generation: GenerationID?, _ before: Int, _ service: Service) {
        kernel.groups[slot.listener].unpin(slot.number)
        defer { kernel.groups[slot.listener].giveBack(slot.number) }
        guard let inode = inode(slot) else {
            return hand(.slotReleased(slot, of: generation, lost: 0, total: 0))
        }
        checkRelease(slot, inode)
        let unread = kernel.read(inode).count
        checkLoss(unread, slot, of: generation, service)
        let drops = kernel.sockets[inode]?.drops ?? 0
        hand(
            .slotReleased(
                slot, of: generation, lost: unread + max(0, drops - before), total: 0))
    }

    // MARK: Steering

    func steer(
        _ generation: GenerationID, _ choices: [[Int]?], _ canary: CanarySlots?, _ service: Service
    ) {
        checkSteering(generation, choices, service)
        if let canary { checkShare(canary, beside: generation, service) }
        // Nobody may ever have joined it.
        if service.machine.generation(generation)?.launch.isJoined == true {
            joinedGenerations.insert(generation)
        }
        for (listener, choice) in choices.enumerated() {
            if fails(false) {
                return hand(.steeringFailed(generation, anyFault("steer")))
            }
            kernel.groups[listener].isForeign = false
            kernel.groups[listener].isDeserted = choice == nil
            if let choice {
                kernel.groups[listener].choice = choice
                kernel.groups[listener].canary = canary?.slots[listener] ?? []
                kernel.groups[listener].canaryClients =
                    kernel.groups[listener].canary.isEmpty ? nil : canary?.clients
            }
        }
        flipped.insert(generation)
        hand(.steered(generation, took: .microseconds(1)))
    }

    /// What comes to a socket unit's sockets goes to those that the first bank has.
    func beginGiven(_ slots: [SlotID]) {
        let given = slots.filter { $0.listener == 0 && $0.number < scenario.given }
        if !given.isEmpty { kernel.groups[0].choice = given.map(\.number) }
    }

    // MARK: Listeners that come and move

    func makeListener(_ wanted: AdoptedListener, _ call: CallID) {
        if fails() {
            return hand(.listenerFailed(call, anyFault("bind")))
        }
        var shape = make(wanted.number, wanted.place, adopted: true)
        shape.isAdopted = true
        hand(.listenerMade(wanted.number, shape, call))
    }

    func addListener(_ number: Int, _ listener: ListenerSettings) {
        if fails() {
            return hand(.listenerNotAdded(number, anyFault("listen")))
        }
        let place = SocketPlace(
            .ipv4(0x7F00_0001, port: listener.address.port), v6Only: false, isStream: false,
            text: "\(listener.address)")
        let shape = make(number, place, adopted: false)
        hand(.settingsChanged(settings, policy))
        hand(.listenerAdded(number, shape))
    }

    private func make(_ number: Int, _ place: SocketPlace, adopted: Bool) -> ListenerShape {
        if number > kernel.groups.count {
            violate(.descriptors, "listener \(number) is made, \(kernel.groups.count) is next")
        }
        var listener = ExtraListener.settings(port: place.address.port)
        listener.isAdopted = adopted
        if number < kernel.groups.count {
            if (0..<SimulatedGroup.capacity).contains(where: {
                inode(SlotID(listener: number, number: $0)) != nil
            }) {
                violate(.descriptors, "listener \(number) is made while it has sockets")
            }
            kernel.groups[number] = SimulatedGroup()
            settings.listeners[number] = listener
        } else {
            kernel.groups.append(SimulatedGroup())
            settings.listeners.append(listener)
        }
        var shape = ListenerShape(address: place.text, place: place)
        shape.capacity = SimulatedGroup.capacity
        shape.keepsBindOrder = scenario.keepsBindOrder
        return shape
    }

    func moveListener(_ number: Int, _ place: SocketPlace, _ call: CallID, _ service: Service) {
        if fails() || !kernel.groups[number].addressIsThere {
            return hand(.listenerFailed(call, PortFault("bind: cannot assign requested address")))
        }
        for index in 0..<SimulatedGroup.capacity {
            let slot = SlotID(listener: number, number: index)
            guard let inode = inode(slot) else { continue }
            forget(.slot(slot))
            kernel.leaveGroup(slot)
            kernel.letGo(inode, .supervisor)
            hand(.slotBound(slot, BoundSocket(inode: open(slot))))
        }
        var shape = service.banks.listeners[number]
        shape.place = place
        shape.address = place.text
        hand(.listenerMade(number, shape, call))
    }
}
