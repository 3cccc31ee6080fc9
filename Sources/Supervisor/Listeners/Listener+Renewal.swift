import HandoverCore
import Kernel
import ServiceCore
import Settings
import Steering

/// What became of a slot before its next life.
struct Renewal {
    /// What an administrator should know.
    var warnings: [String] = []
    /// Whether another socket has taken the slot's place, which the record must know.
    var isReplaced = false
}

extension Listener {
    /// Brings a slot's socket to the state of a fresh one before it is lent again, whatever was done to
    /// it meanwhile. Where that cannot be done on the socket, another one takes its place: flows that are
    /// pinned to the slot go there, and what was queued in the old one is counted as dropped.
    ///
    /// - Parameters:
    ///   - isHeld: whether somebody has the socket still who would go on reading it.
    ///   - isSession: whether that is its worker, which has connected it and keeps it for its peer.
    func renew(_ slot: Slot, isHeld: Bool, isSession: Bool = false) -> Renewal {
        var renewal = Renewal()
        guard slot.wasLent else {
            slot.wasLent = true
            return renewal
        }
        do {
            if isSession {
                try leaveToItsWorker(slot)
                return renewal
            }
            let isOutside = try isOutside(slot)
            var mustReplace = try isHeld || isOutside || slot.glance().isShutDown
            if !mustReplace {
                let repair = try slot.repair(like: try unboundSocket())
                mustReplace = !repair.lastingFaults.isEmpty
                if !repair.optionsLeft.isEmpty {
                    renewal.warnings.append(
                        "\(settings.address): left on a socket by the worker before: "
                            + repair.optionsLeft.joined(separator: ", "))
                }
            }
            if mustReplace {
                try replaceSocket(of: slot, isOutside: isOutside)
                renewal.isReplaced = true
            }
        } catch {
            renewal.warnings.append(
                "\(settings.address): a socket stays as the worker before has left it: \(error)")
        }
        return renewal
    }

    /// Whether the socket has left its group, which takes it out of the program's reach for good, or has
    /// a peer.
    ///
    /// That can be undone, but not for its next peer: from Linux 6.13 on a socket that is connected a
    /// second time is looked for where its first peer was, and what comes for it goes to any socket that
    /// is bound later and has no peer, such as the next generation's.
    private func isOutside(_ slot: Slot) throws -> Bool {
        let glance = try slot.glance()
        if glance.isShutDown { return false }
        return try glance.hasPeer || steering.reattach(to: try slot.duplicate()) == .outside
    }

    /// Leaves the socket to its worker, which goes on serving a peer with it, and puts a fresh one into the slot.
    func leaveToItsWorker(_ slot: Slot) throws {
        if try slot.glance().hasPeer {
            try setAside(slot)
        } else {
            // Nobody hears anything with it any more, and it would take what comes.
            slot.leaveGroup()
            try steering.lostMember(slot.number)
            dropsOfClosedSockets += slot.discardQueue()
        }
        possibleDropsOfClosedSockets += slot.possibleDrops()
        let new = try bindSlot(slot.number)
        try steering.replace(try new.duplicate(), at: slot.number)
        // Alone in its group, it has been bound without a program.
        _ = try steering.reattach(to: try new.duplicate())
        dropsOfClosedSockets += slot.drops()
        try slot.become(new)
        keep(slot)
    }

    /// Has a socket that was connected go on beside the group: those that are bound from here on
    /// share its address and do not join it.
    ///
    /// From Linux 6.16 on a socket joins the group of the newest one at its address, also of one that has left
    /// its own: there it would be out of the program's reach, and so would the whole next generation.
    private func setAside(_ slot: Slot) throws {
        letOthersBindBeside()
        slot.standAside()
        if !slot.isKnownOutside { try steering.lostMember(slot.number) }
        slot.isKnownOutside = true
    }

    /// Has the sockets that workers have connected stand aside, before another one is bound.
    func setConnectedAside() {
        // A bank binds many sockets one after the other.
        let now = MonotonicClock.now()
        guard now - lookedForConnected >= .milliseconds(50) else { return }
        lookedForConnected = now
        for slot in slots.values where !slot.isKnownOutside {
            guard (try? slot.glance())?.hasPeer == true,
                (try? slot.reattach(steering)) == .outside
            else { continue }
            try? setAside(slot)
        }
    }

    private func replaceSocket(of slot: Slot, isOutside: Bool) throws {
        // A socket outside the group would be joined by the new one, in a group without a program.
        let leavesFirst = isOutside || steering.keepsBindOrder
        if leavesFirst {
            slot.leaveGroup()
            try steering.lostMember(slot.number)
        }
        let new = try bindSlot(slot.number)
        try steering.replace(try new.duplicate(), at: slot.number)
        // Alone in its group, it has been bound without a program.
        _ = try steering.reattach(to: try new.duplicate())
        if !leavesFirst { slot.leaveGroup() }
        dropsOfClosedSockets += slot.drops() + slot.discardQueue()
        possibleDropsOfClosedSockets += slot.possibleDrops()
        try slot.become(new)
        keep(slot)
    }

    /// Looks at slots, and has our program steer their groups again, whatever has steered them.
    func look(at slots: some Sequence<Slot>) -> Observation.Listener {
        var found = Observation.Listener()
        var refusals: [String] = []
        var isSteered = false
        for slot in slots {
            var seen = Observation.Slot(inode: slot.inode)
            if let glance = try? slot.glance() {
                seen.isShutDown = glance.isShutDown
                seen.hasPeer = glance.hasPeer
            }
            if !slot.isKnownOutside, !seen.isShutDown {
                seen.wasAlone = (try? slot.sharePortAgain()) ?? false
                do throws(SteeringError) {
                    switch try slot.reattach(steering) {
                    case .member: isSteered = true
                    case .locked: refusals.append("its sockets are locked (SO_LOCK_FILTER)")
                    case .outside:
                        slot.isKnownOutside = true
                        try? steering.lostMember(slot.number)
                    }
                } catch {
                    refusals.append("\(error)")
                }
            }
            seen.isOutside = slot.isKnownOutside
            found.slots[slot.number] = seen
        }
        found.refusal = isSteered ? nil : refusals.first
        found.choice = steering.chosenSlots
        found.canary = steering.steeredShare.flatMap { seen in
            CanaryClients(
                share: Share(millionths: seen.millionths),
                networks: seen.networks.map(\.text)
            ).map { Expected.Canary(slots: seen.slots, clients: $0) }
        }
        found.misplaced = steering.counters().fallback
        return found
    }

    /// Has others of our user bind beside our sockets again, where a worker has ended that.
    ///
    /// - Returns: whether there was one.
    func sharePortAgain() -> Bool {
        slots.values.filter { (try? $0.sharePortAgain()) ?? false }.count > 0
    }
}
