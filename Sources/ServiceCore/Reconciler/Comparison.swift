extension Expected {
    /// What is not as it ought to be, in the order of listeners and slots.
    ///
    /// - Parameter former: what was found the last time; what passes by itself in a moment counts from the
    ///   second time on.
    package func differences(
        from seen: Observation, after former: Observation = Observation()
    ) -> [Difference] {
        zip(listeners.indices, zip(listeners, seen.listeners)).flatMap { number, pair in
            let before = former.listeners.indices.contains(number) ? former.listeners[number] : nil
            return Self.differences(at: number, pair.0, pair.1, after: before)
        } + seen.strays.filter(former.strays.contains).flatMap(differences(of:))
    }

    /// What a process does that no worker has which runs.
    private func differences(of stray: Observation.Stray) -> [Difference] {
        if let worker = stray.worker {
            // It may have been started since the look.
            return workers.contains(worker) ? [] : [.leftover(worker, stray)]
        }
        // What a worker has started and let go of looks like that: its own affair as long as it runs. A slot that
        // nobody serves with gets a fresh socket before the next one does.
        if stray.isOurs { return [] }
        return listeners.enumerated().flatMap { number, listener in
            listener.slots.sorted { $0.key < $1.key }
                .filter { $1.server != nil && !$1.isJoined && stray.inodes.contains($1.inode) }
                .map { .shared(SlotID(listener: number, number: $0.key), stray) }
        }
    }

    private static func differences(
        at number: Int, _ ought: Listener, _ seen: Observation.Listener,
        after former: Observation.Listener?
    ) -> [Difference] {
        var found: [Difference] = []
        if let refusal = seen.refusal, !ought.slots.isEmpty {
            found.append(.programLost(listener: number, reason: refusal))
        }
        for (slot, expected) in ought.slots.sorted(by: { $0.key < $1.key }) {
            let id = SlotID(listener: number, number: slot)
            found += differences(of: id, expected, seen.slots[slot], former?.slots[slot])
        }
        if isElsewhere(ought, seen) || hasOtherCanary(ought, seen) {
            found.append(.choice(listener: number))
        }
        // A server's own socket is beside the group from its bind to its connect.
        for stranger in seen.strangers where former?.strangers.contains(stranger) == true {
            found.append(
                .stranger(listener: number, stranger, takesNewFlows: ought.keepsOrder))
        }
        // What comes before any slot was chosen goes to whom it can.
        if let former, former.choice != [], seen.misplaced > former.misplaced, !ought.slots.isEmpty
        {
            found.append(.misplaced(listener: number))
        }
        return found
    }

    private static func differences(
        of id: SlotID, _ ought: Slot, _ seen: Observation.Slot?, _ former: Observation.Slot?
    ) -> [Difference] {
        // A socket that is not there may be on its way.
        guard let seen else { return [] }
        if seen.inode != ought.inode { return [.missing(id)] }
        var found: [Difference] = []
        if seen.wasAlone { found.append(.wasAlone(id)) }
        switch ought.server {
        case let server? where seen.isShutDown:
            // One that is about to end shuts its socket down first.
            if former?.inode == seen.inode, former?.isShutDown == true {
                found.append(.shutDown(id, by: server))
            }
        case let server? where seen.hasPeer: found.append(.connected(id, by: server))
        case _? where seen.isOutside: found.append(.outside(id))
        // The next life of a slot that nobody serves with begins with a renewal.
        case nil, _?: break
        }
        return found
    }

    /// Whether the new flows of some of the clients go elsewhere, or those of others do.
    private static func hasOtherCanary(_ ought: Listener, _ seen: Observation.Listener) -> Bool {
        guard ought.choice != nil, seen.choice != nil else { return false }
        guard let canary = ought.canary else { return seen.canary != nil }
        let members = canary.slots.filter { seen.slots[$0]?.isOutside != true }
        if members.isEmpty { return false }
        return seen.canary?.clients != canary.clients
            || seen.canary?.slots.isSuperset(of: members) != true
    }

    /// Whether new flows go elsewhere: sockets that have left their group cannot be chosen.
    private static func isElsewhere(_ ought: Listener, _ seen: Observation.Listener) -> Bool {
        guard let choice = ought.choice, let chosen = seen.choice else { return false }
        let members = choice.filter { seen.slots[$0]?.isOutside != true }
        // Where no member is left, a slot is as good as another.
        // One that was connected is about to be exchanged, and chosen again or not then.
        let kept = choice.filter {
            seen.slots[$0]?.isOutside != true || seen.slots[$0]?.hasPeer == true
        }
        return !members.isEmpty && chosen != members && chosen != kept
    }
}
