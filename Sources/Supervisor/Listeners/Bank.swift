import HandoverCore

/// The slots that one generation uses: of each listener some for each worker.
struct Bank {
    /// `[worker][listener]` are the slots of that worker at that listener.
    private(set) var slots: [[[Slot]]]

    init(slots: [[[Slot]]]) { self.slots = slots }

    var workers: Int { slots.count }

    /// Every slot of every worker.
    var all: [Slot] { slots.flatMap { $0.flatMap { $0 } } }

    /// The slots of one worker, in the order of the listeners: the order of its descriptors.
    func slots(of worker: Int) -> [[Slot]] { slots[worker] }

    /// The slots that all workers have at one listener.
    func slots(at listener: Int) -> [Slot] { slots.flatMap { $0[listener] } }

    /// The slots of some workers at one listener to which new flows may go: those that were taken.
    ///
    /// None was taken at all only when a worker was restarted and is the last: then its flows wait
    /// in its queue, for there is no better place.
    func steerable(workers: [Int], at listener: Int) -> [Int] {
        let all = workers.flatMap { slots[$0][listener] }
        let taken = all.filter(\.isTaken)
        return (taken.isEmpty ? all : taken).map(\.number)
    }

    /// Makes room for a listener that has come last.
    mutating func addListener() {
        for worker in slots.indices { slots[worker].append([]) }
    }

    mutating func add(_ slot: Slot, worker: Int, at listener: Int) {
        slots[worker][listener].append(slot)
    }

    mutating func replace(_ new: [Slot], worker: Int, at listener: Int) {
        slots[worker][listener] = new
    }

    mutating func append(worker: [[Slot]]) { slots.append(worker) }

    /// Takes the slots of the workers from `count` on out of the bank.
    mutating func removeWorkers(from count: Int) -> [[[Slot]]] {
        let surplus = Array(slots[min(count, slots.count)...])
        slots.removeLast(surplus.count)
        return surplus
    }
}
