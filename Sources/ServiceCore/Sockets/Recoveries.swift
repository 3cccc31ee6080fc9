import HandoverCore

/// The owner of the sockets that a supervisor that takes over did not find, until they are there again.
struct Recoveries: Sendable {
    struct Lost: Sendable {
        let slot: SlotID
        let worker: WorkerID
        let inode: UInt64
        /// When to ask; nil while it is asked for.
        var dueAt: Instant?
    }

    private var lost: [SlotID: Lost] = [:]

    var nextDeadline: Instant? { lost.values.compactMap(\.dueAt).min() }

    mutating func begin(
        _ slot: SlotID, of worker: WorkerID, inode: UInt64, at now: Instant
    ) {
        lost[slot] = Lost(slot: slot, worker: worker, inode: inode, dueAt: now)
    }

    /// What is to be asked for now; it is not told a second time.
    mutating func takeDue(at now: Instant) -> [Lost] {
        let due = lost.values.filter { $0.dueAt.map { $0 <= now } ?? false }
            .sorted { $0.slot < $1.slot }
        for entry in due { lost[entry.slot]?.dueAt = nil }
        return due
    }

    /// It could not be got, nor another one bound: asked for again, since nothing else would.
    mutating func failed(_ slot: SlotID, at now: Instant) {
        guard let entry = lost[slot], entry.dueAt == nil else { return }
        lost[slot]?.dueAt = now + .seconds(1)
    }

    /// Whether a slot's socket is missing still.
    func isOpen(_ slot: SlotID) -> Bool { lost[slot] != nil }

    /// There is a socket, or nobody uses the slot any more.
    ///
    /// - Returns: whether it was missing.
    @discardableResult
    mutating func end(_ slot: SlotID) -> Bool { lost.removeValue(forKey: slot) != nil }
}
