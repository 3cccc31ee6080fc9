package import HandoverCore

/// One slot as a worker of a generation uses it.
package struct Slot: Hashable, Codable, Sendable {
    package let id: SlotID
    /// By which /proc names the socket among a worker's descriptors.
    package internal(set) var inode: UInt64
    /// Whether its worker was seen to take it: a socket offered is not a socket taken.
    package internal(set) var isTaken = false
    /// When its worker was given it in answer to bind(2); nil where it has not asked.
    package internal(set) var boundAt: Instant?
    /// The place that its worker has bound, where that was every address and the listener has one of them.
    var boundFor: SocketPlace?
    /// Datagrams that the kernel had dropped at it before this use.
    package internal(set) var dropsBefore: Int
    /// Whether it is as a fresh one: no worker has had it since it was bound or renewed.
    var isFresh = true

    init(_ id: SlotID, _ socket: BoundSocket, isFresh: Bool = true) {
        self.id = id
        self.isFresh = isFresh
        inode = socket.inode
        dropsBefore = socket.drops
    }

    /// Another socket is in it, one that no worker has had where it is fresh.
    mutating func become(_ socket: BoundSocket, isFresh: Bool) {
        inode = socket.inode
        guard isFresh else { return }
        dropsBefore = socket.drops
        beginLife()
    }

    /// Its worker has it by bind(2), of every address perhaps.
    mutating func isBound(for every: SocketPlace?, at now: Instant) {
        boundAt = now
        boundFor = every
    }

    /// Begins a worker's use of it: nothing is known of what that does with it.
    mutating func beginLife() {
        isTaken = false
        boundAt = nil
        boundFor = nil
    }
}

/// The slots that one generation uses: of each listener some for each worker.
package struct Bank: Hashable, Sendable {
    /// `[worker][listener]` are the slots of that worker at that listener.
    package internal(set) var slots: [[[Slot]]]

    /// Every slot of every worker.
    package var all: [Slot] { slots.flatMap { $0.flatMap { $0 } } }

    /// The slots of some workers at one listener to which new flows may go: those that were taken.
    ///
    /// None was taken at all only when a worker was restarted and is the last: then its flows wait
    /// in its queue, for there is no better place.
    func steerable(workers: [Int], at listener: Int) -> [Int] {
        var every: [Int] = []
        var taken: [Int] = []
        for worker in workers where slots.indices.contains(worker) {
            for slot in slots[worker][listener] {
                every.append(slot.id.number)
                if slot.isTaken { taken.append(slot.id.number) }
            }
        }
        return taken.isEmpty ? every : taken
    }

    mutating func change(_ worker: Int, _ body: (inout Slot) -> Void) {
        for listener in slots[worker].indices {
            for index in slots[worker][listener].indices { body(&slots[worker][listener][index]) }
        }
    }

    /// Another listener is there.
    mutating func addListener() { for worker in slots.indices { slots[worker].append([]) } }

    /// Takes the slots of a listener out.
    mutating func takeAll(at listener: Int) -> [Slot] {
        defer { for worker in slots.indices { slots[worker][listener] = [] } }
        return slots.flatMap { $0[listener] }
    }

    /// Takes the slots of the first workers over from another bank, as they are there now.
    ///
    /// - Returns: the slots of the other workers of that.
    mutating func inherit(_ workers: Int, from former: Bank?) -> [Slot] {
        let inherited = former?.slots ?? []
        slots.replaceSubrange(0..<workers, with: inherited.prefix(workers))
        return inherited.dropFirst(workers).flatMap { $0.flatMap { $0 } }
    }

    /// The worker that has a slot; nil where none has.
    func worker(of id: SlotID) -> Int? {
        slots.firstIndex { listeners in
            listeners.indices.contains(id.listener)
                && listeners[id.listener].contains { $0.id == id }
        }
    }

    /// Puts a slot in the place of the one of its number.
    mutating func put(_ slot: Slot) {
        for worker in slots.indices {
            for index in slots[worker][slot.id.listener].indices
            where slots[worker][slot.id.listener][index].id == slot.id {
                slots[worker][slot.id.listener][index] = slot
            }
        }
    }
}
