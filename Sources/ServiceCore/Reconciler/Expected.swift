package import HandoverCore

/// What ought to be of the sockets and of what steers them, made from the state alone.
package struct Expected: Equatable, Sendable {
    /// One listener's group.
    package struct Listener: Equatable, Sendable {
        /// As people know it.
        package var address: String
        /// Whether the steering knows sockets by the order in which they have joined (classic BPF).
        package var keepsOrder: Bool
        /// The slots that new flows go to; nil where none were chosen, or where that is about to change.
        package var choice: Set<Int>?
        /// Where a share of the new flows goes instead; nil where none does.
        package var canary: Canary?
        /// By their numbers.
        package var slots: [Int: Slot] = [:]

        package init(address: String, keepsOrder: Bool = false, choice: Set<Int>? = nil) {
            self.address = address
            self.keepsOrder = keepsOrder
            self.choice = choice
        }
    }

    /// Where the new flows of some of the clients go.
    package struct Canary: Hashable, Sendable {
        package let slots: Set<Int>
        package let clients: CanaryClients

        package init(slots: Set<Int>, clients: CanaryClients) {
            self.slots = slots
            self.clients = clients
        }
    }

    /// One slot's socket: in its group, without a peer, able to receive.
    package struct Slot: Equatable, Sendable {
        package var inode: UInt64
        /// The worker that it was lent to and that runs; nil where none does.
        package var server: WorkerID?
        /// The process of that worker: the next one has not done what this one has.
        package var pid: Int32?
        /// Whether somebody else has started that one: what it starts and lets go of may come to anybody.
        package var isJoined = false

        package init(inode: UInt64, server: WorkerID? = nil, pid: Int32? = nil) {
            self.inode = inode
            self.server = server
            self.pid = pid
        }

        mutating func isServed(by worker: WorkerID, _ process: WorkerProcess) {
            server = worker
            pid = process.pid
            isJoined = process.isJoined
        }
    }

    /// In the order of their numbers.
    package var listeners: [Listener]
    /// Those that run or are on their way: what others have started ends with them.
    package var workers: Set<WorkerID>

    package init(listeners: [Listener] = [], workers: Set<WorkerID> = []) {
        self.listeners = listeners
        self.workers = workers
    }

    /// What ought to be later as it ought to be here.
    func unchanged(in later: Expected) -> Expected {
        Expected(
            listeners: zip(listeners, later.listeners).map { before, after in
                var same = before
                if after.choice != before.choice || after.canary != before.canary {
                    same.choice = nil
                }
                same.slots = before.slots.filter { after.slots[$0.key] == $0.value }
                return same
            }, workers: workers.union(later.workers))
    }
}

extension Service {
    /// What ought to be now.
    package var expected: Expected {
        // What is about to be steered, bound or renewed is not compared: it may be either.
        let choices = machine.steering.flatMap {
            isBeingSteered() ? nil : self.choices($0.generation, $0.workers)
        }
        let canary = choices.flatMap { choices in
            machine.steering?.canary.flatMap { slots(of: $0, beside: choices) }
        }
        var listeners = banks.listeners.enumerated().map { number, shape in
            let choice = choices.flatMap { $0.indices.contains(number) ? $0[number] : nil }
            var listener = Expected.Listener(
                address: shape.address, keepsOrder: shape.keepsBindOrder,
                choice: choice.map(Set.init))
            if let canary, let slots = canary.slots[number] {
                listener.canary = Expected.Canary(slots: Set(slots), clients: canary.clients)
            }
            return listener
        }
        for (slot, inode) in banks.inUse where listeners.indices.contains(slot.listener) {
            guard !banks.isInFlight(slot) else { continue }
            listeners[slot.listener].slots[slot.number] = Expected.Slot(inode: inode)
        }
        for (id, process) in workers.all where process.isRunning {
            // How a server uses what it has bound by its own choice is its own, and looked at elsewhere.
            for slot in banks.slots(of: id).joined()
            where !banks.listeners[slot.id.listener].isServersChoice {
                listeners[slot.id.listener].slots[slot.id.number]?.isServed(by: id, process)
            }
        }
        return Expected(listeners: listeners, workers: Set(workers.all.map(\.id)))
    }
}
