import HandoverCore
import ServiceCore
import Settings

/// Servers that bind their addresses themselves.
extension World {
    /// What a server binds when it starts: the listeners, and ports of its own perhaps.
    func addresses(_ version: Int) -> [SocketPlace] {
        var random = SeededRandom(seed: scenario.seed &+ UInt64(version))
        var places: [SocketPlace] = []
        for listener in scenario.settings.listeners.indices {
            places.append(
                scenario.place(
                    of: listener, address: random.pick([nil, nil, 0, 0x7F00_0001])))
        }
        if random.oneIn(3) { places.append(scenario.place(of: 0, address: 0x7F00_0002)) }
        if random.oneIn(4) { places.append(scenario.place(of: 50 + random.below(2))) }
        return places
    }

    func bindNext(_ pid: Int32) {
        guard let process = processes[pid], process.call == nil, let id = process.id,
            let place = process.bindsLeft.first, !process.hangs
        else { return }
        guard isTold(process) else {
            // One that begins tries again by itself.
            if process.takes { plan(.process(pid, .bind), after: 50_000) }
            return
        }
        lastNumber += 1
        let call = CallID(lastNumber)
        processes[pid]?.call = call
        var facts = BindFacts()
        facts.sharesPort = random.oneIn(2)
        handLater(
            .bindAsked(
                call, id, pid: pid, BindCall(place: place, facts: facts, inode: UInt64(lastNumber))),
            within: 500)
    }

    private func caller(_ call: CallID) -> Int32? {
        processes.values.first { $0.call == call }?.pid
    }

    func answerBind(_ call: CallID, _ slot: SlotID) {
        guard let pid = caller(call) else {
            return hand(.bindAnswered(call, slot, PortFault("the call is gone")))
        }
        guard let inode = inode(slot) else {
            goOn(pid)
            return hand(.bindAnswered(call, slot, PortFault("slot \(slot) has no socket")))
        }
        if fails() {
            goOn(pid)
            return hand(.bindAnswered(call, slot, PortFault("no descriptor")))
        }
        for other in processes.values
        where other.pid != pid && !other.isOrphan && other.reads.contains(slot) {
            violate(.promise2, "slot \(slot) of process \(other.pid) is given to process \(pid)")
        }
        kernel.hold(inode, .process(pid))
        if let former = processes[pid]?.sockets[slot], former != inode {
            kernel.letGo(former, .process(pid))
        }
        processes[pid]?.sockets[slot] = inode
        processes[pid]?.reads.insert(slot)
        if let id = processes[pid]?.id {
            readers[slot] = id
            kernel.groups[slot.listener].users[slot.number] = id
        }
        goOn(pid)
        hand(.bindAnswered(call, slot, nil))
        read(pid, inode)
    }

    /// The worker reads both from here on.
    func exchangeBind(_ call: CallID, _ slot: SlotID, by other: SlotID) {
        guard let pid = caller(call), let inode = inode(other) else {
            return hand(.bindAnswered(call, slot, PortFault("the call is gone")))
        }
        kernel.hold(inode, .process(pid))
        processes[pid]?.sockets[other] = inode
        processes[pid]?.reads.insert(other)
        if let id = processes[pid]?.id {
            readers[other] = id
            kernel.groups[other.listener].users[other.number] = id
        }
        answerBind(call, slot)
    }

    /// The kernel answers; the address is a listener's perhaps, and then it refuses.
    func leaveBind(_ call: CallID) {
        guard let pid = caller(call) else { return }
        goOn(pid)
    }

    private func goOn(_ pid: Int32) {
        processes[pid]?.call = nil
        if processes[pid]?.bindsLeft.isEmpty == false {
            processes[pid]?.bindsLeft.removeFirst()
        }
        if processes[pid]?.bindsLeft.isEmpty == false { plan(.process(pid, .bind), within: 2_000) }
    }

    func findHolders(_ call: CallID, _ id: WorkerID, _ slots: [SlotID], _ service: Service) {
        let reads = service.workers[id]?.pid.flatMap { processes[$0]?.reads } ?? []
        hand(.holdersSeen(call, held: slots.filter { reads.contains($0) }))
    }

    /// Closes a socket and binds its address again.
    func bindAgain(_ pid: Int32) {
        guard let process = processes[pid], process.takes, !process.hangs, !process.isEnding,
            isTold(process), let id = process.id, process.call == nil
        else { return }
        if !isCalm { plan(.process(pid, .bindAgain), within: 5_000_000) }
        guard let slot = process.reads.sorted().first,
            let listener = conductor?.service.banks.listeners[slot.listener]
        else { return }
        note("process \(pid) closes slot \(slot) and binds it again")
        // What comes meanwhile waits in a socket that it has no more.
        unsound.insert(id)
        processes[pid]?.reads.remove(slot)
        if let inode = processes[pid]?.sockets.removeValue(forKey: slot) {
            kernel.letGo(inode, .process(pid))
        }
        processes[pid]?.bindsLeft = [listener.place]
        bindNext(pid)
    }
}
