package import HandoverCore

/// What the banks show; nothing here changes them.
extension Banks {
    package subscript(generation: GenerationID) -> Bank? { banks[generation] }

    /// In the order of their numbers; those that came while the service ran come last.
    package var listeners: [ListenerShape] { shapes.all }

    func has(_ generation: GenerationID) -> Bool { banks[generation] != nil }

    /// Datagrams lost at sockets that are closed, by listener.
    package var lostAtClosed: [Int] { losses.atListeners }

    package var generations: [GenerationID] { banks.keys.sorted() }

    /// The slots of one worker, by listener; none where its generation has no bank.
    package func slots(of worker: WorkerID) -> [[Slot]] {
        guard let bank = banks[worker.generation], bank.slots.indices.contains(worker.index) else {
            return []
        }
        return bank.slots[worker.index]
    }

    /// The free slots whose sockets stay at one listener.
    package func idleSlots(at listener: Int) -> [Slot] { idle[listener] }

    /// Whether a bank of that generation is there or on its way.
    func isKnown(_ generation: GenerationID) -> Bool {
        banks[generation] != nil || waits[.bank(generation)] != nil
    }

    /// The slots that new flows may go to, by listener; nil where this generation has none.
    func choices(_ generation: GenerationID, workers: [Int]) -> [[Int]?]? {
        guard let bank = banks[generation] else { return nil }
        return listeners.indices.map { listener in
            let found = bank.steerable(workers: workers, at: listener)
            return found.isEmpty ? nil : found
        }
    }

    /// Whether the worker's slots were lent to a worker before, so that they have to be renewed.
    func needsRenewal(_ worker: WorkerID) -> Bool {
        slots(of: worker).contains { $0.contains { !$0.isFresh } }
    }

    /// Every slot in use, idle ones included.
    package var slotsInUse: [SlotID] { inUse.keys.sorted() }

    /// Every slot in use, with the inode that it ought to have.
    var inUse: [SlotID: UInt64] {
        var found: [SlotID: UInt64] = [:]
        for bank in banks.values {
            for worker in bank.slots {
                for slots in worker { for slot in slots { found[slot.id] = slot.inode } }
            }
        }
        for slot in idle.all { found[slot.id] = slot.inode }
        for slot in waits.borrowed { found[slot.id] = slot.inode }
        return found
    }

    func listenerPart(_ number: Int, _ evidence: Evidence?) -> RecordPart.ListenerPart {
        // What is borrowed for a bank on its way is idle again for a successor, which begins it anew.
        let borrowed = waits.borrowed.filter { $0.id.listener == number }
        return RecordPart.ListenerPart(
            shape: listeners[number],
            idle: (idle[number] + borrowed).sorted { $0.id < $1.id },
            lostAtClosed: losses.atListeners[number], evidence: evidence)
    }

    /// The lowest free numbers, idle ones first, ascending; nil where there are not so many.
    func freeNumbers(_ count: Int, at listener: Int) -> [Int]? {
        if count == 0 { return [] }
        var found = Array(idle[listener].map(\.id.number).prefix(count))
        guard found.count < count else { return found }
        var used = Set(idle[listener].map(\.id.number))
        for bank in banks.values {
            for worker in bank.slots { used.formUnion(worker[listener].map(\.id.number)) }
        }
        for id in waits.slots where id.listener == listener { used.insert(id.number) }
        var number = 0
        while found.count < count, number < listeners[listener].capacity {
            if !used.contains(number) { found.append(number) }
            number += 1
        }
        return found.count == count ? found.sorted() : nil
    }

    /// Whether no settings name a listener and no generation has a slot of it.
    func isDormant(_ listener: Int) -> Bool {
        !listeners[listener].isNamed && !hasSlots(at: listener)
    }

    /// Whether any generation has a slot of a listener.
    func hasSlots(at listener: Int) -> Bool {
        banks.values.contains { $0.slots.contains { !$0[listener].isEmpty } }
    }

    /// Whether a generation has a slot of a listener.
    func has(_ generation: GenerationID, slotsAt listener: Int) -> Bool {
        banks[generation]?.slots.contains { !$0[listener].isEmpty } ?? false
    }

    /// The listeners at which a generation has slots.
    func listeners(of generation: GenerationID) -> Set<Int> {
        Set(listeners.indices.filter { has(generation, slotsAt: $0) })
    }

    /// Whether an upgrade has brought or removed a listener that nobody has any more, while others are served.
    func isOver(_ listener: Int) -> Bool {
        listeners[listener].standing != nil && !banks.isEmpty && !hasSlots(at: listener)
            && !isInFlight(listener)
    }

    /// Whether nothing is left of a listener that no settings name, so that another one may have its number.
    func isVacant(_ listener: Int) -> Bool {
        isDormant(listener) && idle[listener].isEmpty && !isInFlight(listener)
    }

    /// Whether slots of a listener are being bound or renewed.
    func isInFlight(_ listener: Int) -> Bool { waits.slots.contains { $0.listener == listener } }

    /// Whether a slot is being bound or renewed.
    func isInFlight(_ slot: SlotID) -> Bool { waits.purpose(of: slot) != nil }

    /// The worker that has a slot; nil where none has.
    package func worker(of slot: SlotID) -> WorkerID? {
        for (generation, bank) in banks {
            if let index = bank.worker(of: slot) { return WorkerID(generation, index) }
        }
        return nil
    }

    /// The slots of a listener that generations have.
    func users(of listener: Int) -> [(generation: GenerationID, slot: SlotID)] {
        generations.flatMap { generation in
            (banks[generation]?.slots ?? []).flatMap { worker in
                worker[listener].map { (generation, $0.id) }
            }
        }
    }
}
