/// The owner of free slots whose sockets stay, by listener.
struct IdleSlots: Sendable {
    private(set) var slots: [[Slot]]

    subscript(listener: Int) -> [Slot] { slots[listener] }

    var all: [Slot] { slots.flatMap { $0 } }

    init(_ slots: [[Slot]]) { self.slots = slots }

    mutating func addListener() { slots.append([]) }

    mutating func take(_ id: SlotID) -> Slot? {
        guard let index = slots[id.listener].firstIndex(where: { $0.id == id }) else { return nil }
        return slots[id.listener].remove(at: index)
    }

    mutating func takeAll(at listener: Int) -> [Slot] {
        defer { slots[listener] = [] }
        return slots[listener]
    }

    /// What its last user did with it is not known.
    mutating func put(_ slot: Slot) {
        var slot = slot
        slot.beginLife()
        slot.isFresh = false
        slots[slot.id.listener].append(slot)
        slots[slot.id.listener].sort { $0.id < $1.id }
    }

    /// Another socket has taken the place of one; false where that slot is not idle.
    mutating func replace(_ id: SlotID, _ inode: UInt64) -> Bool {
        guard let index = slots[id.listener].firstIndex(where: { $0.id == id }) else {
            return false
        }
        slots[id.listener][index].inode = inode
        return true
    }

    /// Drops slots whose sockets were not kept.
    ///
    /// - Returns: the listeners that have fewer now.
    mutating func keep(_ isThere: (Slot) -> Bool) -> [Int] {
        slots.indices.filter { listener in
            let count = slots[listener].count
            slots[listener] = slots[listener].filter(isThere)
            return slots[listener].count < count
        }
    }
}
