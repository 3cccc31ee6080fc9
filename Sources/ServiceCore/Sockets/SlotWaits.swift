/// The owner of what is being bound or renewed: each slot is on its way for one purpose.
struct SlotWaits: Sendable {
    private var waiting: [SlotPurpose: SlotWait] = [:]
    private var purposes: [SlotID: SlotPurpose] = [:]

    subscript(purpose: SlotPurpose) -> SlotWait? { waiting[purpose] }

    /// Every slot that is on its way.
    var slots: Dictionary<SlotID, SlotPurpose>.Keys { purposes.keys }

    /// Idle slots that are nobody else's until what they were taken for has ended.
    var borrowed: [Slot] { waiting.values.flatMap(\.borrowed) }

    func purpose(of id: SlotID) -> SlotPurpose? { purposes[id] }

    /// What is open of `wait` is on its way from here on.
    mutating func begin(_ purpose: SlotPurpose, _ wait: SlotWait) {
        for id in wait.open { purposes[id] = purpose }
        waiting[purpose] = wait
    }

    /// It is known what has become of one slot, which is in `wait`.
    ///
    /// - Returns: whether none is open any more.
    mutating func settle(_ id: SlotID, _ purpose: SlotPurpose, _ wait: SlotWait) -> Bool {
        var wait = wait
        wait.open.remove(id)
        waiting[purpose] = wait
        return wait.open.isEmpty
    }

    /// Takes a slot away from what it is on its way for, which is over; what becomes of the slot is its next
    /// purpose's.
    ///
    /// - Returns: the datagrams lost there so far; nil where the slot is not on its way.
    mutating func take(_ id: SlotID) -> Int? {
        guard let purpose = purposes.removeValue(forKey: id) else { return nil }
        guard var wait = waiting[purpose] else { return 0 }
        let lost = wait.lost
        wait.lost = 0
        wait.open.remove(id)
        waiting[purpose] = wait.open.isEmpty ? nil : wait
        return lost
    }

    /// - Returns: what has become of it, and the slots that were on their way.
    mutating func end(_ purpose: SlotPurpose) -> (SlotWait, [SlotID])? {
        let slots = purposes.filter { $0.value == purpose }.map(\.key)
        for id in slots { purposes[id] = nil }
        return waiting.removeValue(forKey: purpose).map { ($0, slots) }
    }

    mutating func addListener() {
        for purpose in waiting.keys { waiting[purpose]?.bank.addListener() }
    }
}
