import HandoverCore
import ServiceCore

/// What the supervisor sees of its sockets, and what it brings in order.
extension World {
    func observe(_ ought: Expected) {
        var seen = Observation()
        for (listener, ought) in ought.listeners.enumerated() {
            var found = Observation.Listener()
            // To attach the program again is the only way to look at it.
            kernel.groups[listener].isForeign = false
            let group = kernel.groups[listener]
            if !group.choice.isEmpty { found.choice = Set(group.choice) }
            if !group.canary.isEmpty, let clients = group.canaryClients {
                found.canary = Expected.Canary(slots: Set(group.canary), clients: clients)
            }
            found.strangers = group.strangers.map { Observation.Stranger(inode: $0) }
            for number in 0..<SimulatedGroup.capacity {
                let slot = SlotID(listener: listener, number: number)
                guard let inode = inode(slot) else { continue }
                found.slots[number] = look(at: inode)
                // While it is being recovered.
                guard isCalm, let wanted = ought.slots[number]?.inode, inode != wanted else {
                    continue
                }
                violate(.descriptors, "slot \(slot) has inode \(inode), not \(wanted)")
            }
            seen.listeners.append(found)
        }
        seen.strays = strays
        handLater(.observed(seen), within: 100_000)
    }

    /// What workers have left that nobody has ended yet; one in three hides whose it is.
    private var strays: [Observation.Stray] {
        processes.values.filter { $0.isOrphan && $0.id != nil }.sorted { $0.pid < $1.pid }.map {
            Observation.Stray(
                pid: $0.pid, name: "orphan", worker: $0.pid % 3 == 0 ? nil : $0.id, isOurs: true,
                inodes: Set($0.sockets.values))
        }
    }

    func endLeftover(_ pid: Int32, of id: WorkerID) {
        // Its keeper may have been quicker.
        guard let process = processes[pid] else { return }
        guard process.isOrphan, process.id == id else {
            return violate(.promise8, "process \(pid) is ended as one that \(id) has left")
        }
        // It may be of a service that has ended, whose sockets nobody promises anything of.
        for (slot, inode) in process.sockets where self.inode(slot) != inode {
            _ = kernel.read(inode)
        }
        letGo(process)
    }

    private func look(at inode: UInt64) -> Observation.Slot {
        var seen = Observation.Slot(inode: inode)
        guard let socket = kernel.sockets[inode] else { return seen }
        seen.hasPeer = socket.hasPeer
        seen.isOutside = socket.hasPeer
        seen.isShutDown = socket.isShutDown
        if socket.isAlone {
            kernel.standAlone(inode, false)
            seen.wasAlone = true
        }
        return seen
    }

    /// Puts a fresh socket into a slot; the one before is its worker's alone.
    func exchange(_ slot: SlotID) {
        guard let former = inode(slot) else { return bind(slot) }
        if let fault = bindFault(slot) { return hand(.bindFailed(slot, fault)) }
        // Nobody hears with one that is shut down; what a connected one has is its peer's.
        let lost = kernel.sockets[former]?.isShutDown == true ? kernel.read(former).count : 0
        kernel.leaveGroup(slot)
        kernel.letGo(former, .supervisor)
        let inode = kernel.bind(slot)
        // The fresh one is in the group before it is in safety: the slot is as deaf as before without it.
        if isGone { return kernel.enterGroup(slot, former) }
        keep(.slot(slot), .socket(inode))
        hand(.slotExchanged(slot, BoundSocket(inode: inode, lost: lost)))
    }
}
