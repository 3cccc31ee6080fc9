import Kernel
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
    /// - Parameter isHeld: whether somebody has the socket still who would go on reading it.
    func renew(_ slot: Slot, isHeld: Bool) -> Renewal {
        var renewal = Renewal()
        guard slot.wasLent else {
            slot.wasLent = true
            return renewal
        }
        do {
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
        try slot.become(new)
        keep(slot)
    }

    /// Has our program steer the groups of these slots again, and looks for sockets that it does not
    /// reach.
    ///
    /// - Returns: of which slots something is new, and what.
    func reattach(through slots: some Sequence<Slot>) -> [(Slot, String)] {
        var found: [(Slot, String)] = []
        for slot in slots where !slot.isKnownOutside {
            guard let socket = try? slot.duplicate(), (try? slot.glance())?.isShutDown == false
            else { continue }
            if (try? socket.sharesPort()) == false, (try? socket.sharePort()) != nil {
                found.append(
                    (
                        slot,
                        "SO_REUSEPORT was switched off on the socket of slot \(slot.number), which took "
                            + "datagrams past the steering: it is on again"
                    ))
            }
            guard (try? steering.reattach(to: socket)) == .outside else { continue }
            slot.isKnownOutside = true
            try? steering.lostMember(slot.number)
            found.append(
                (
                    slot,
                    "the socket of slot \(slot.number) was connected or bound to an interface: new "
                        + "flows do not reach it"
                ))
        }
        return found
    }

    /// Has others of our user bind beside our sockets again, where a worker has ended that.
    ///
    /// - Returns: whether there was one.
    func sharePortAgain() -> Bool {
        slots.values.filter { slot in
            guard let socket = try? slot.duplicate(), (try? socket.sharesPort()) == false else {
                return false
            }
            return (try? socket.sharePort()) != nil
        }.count > 0
    }
}
