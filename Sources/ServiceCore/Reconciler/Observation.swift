package import HandoverCore

/// What is: found by looking at the sockets, without a rule.
package struct Observation: Equatable, Sendable {
    /// One listener's group.
    package struct Listener: Equatable, Sendable {
        /// Why our program cannot be had steering the group; nil where it steers now, whatever has before.
        package var refusal: String?
        /// The slots that the program gives new flows to; nil where that cannot be read.
        package var choice: Set<Int>?
        /// Where a share of the new flows goes instead.
        package var canary: Expected.Canary?
        /// Sockets at the address that are none of ours, and who has them.
        package var strangers: [Stranger] = []
        /// Datagrams so far that a chosen slot could not get.
        package var misplaced: UInt64 = 0
        package var slots: [Int: Slot] = [:]

        package init() {}
    }

    package struct Slot: Equatable, Sendable {
        package var inode: UInt64
        /// Whether it has left its group: it was connected, or bound to an interface.
        package var isOutside = false
        /// Whether it hears one peer alone.
        package var hasPeer = false
        package var isShutDown = false
        /// Whether SO_REUSEPORT was off; it is on again.
        package var wasAlone = false

        package init(inode: UInt64) { self.inode = inode }
    }

    package struct Stranger: Hashable, Sendable {
        package let inode: UInt64
        /// A process that has it, as far as that can be seen.
        package let holder: String?

        package init(inode: UInt64, holder: String? = nil) {
            self.inode = inode
            self.holder = holder
        }
    }

    /// A process that comes from no worker which ran when it was looked for: one that says whose it is in its
    /// environment, or has a slot's socket open.
    package struct Stray: Hashable, Sendable {
        package let pid: Int32
        package let name: String
        /// The worker that it says it comes from.
        package let worker: WorkerID?
        /// Whether it comes from the supervisor or its keeper, which are the parents of what workers leave.
        package let isOurs: Bool
        /// The slots' sockets that it has open.
        package let inodes: Set<UInt64>

        package init(
            pid: Int32, name: String, worker: WorkerID? = nil, isOurs: Bool = false,
            inodes: Set<UInt64> = []
        ) {
            self.pid = pid
            self.name = name
            self.worker = worker
            self.isOurs = isOurs
            self.inodes = inodes
        }
    }

    package var listeners: [Listener]
    /// In the order of their pids.
    package var strays: [Stray]

    package init(listeners: [Listener] = [], strays: [Stray] = []) {
        self.listeners = listeners
        self.strays = strays
    }

    /// Whether something is there now that has to be seen twice.
    func hasNews(since former: Observation) -> Bool {
        if strays.contains(where: { !former.strays.contains($0) }) { return true }
        return listeners.enumerated().contains { number, listener in
            guard former.listeners.indices.contains(number) else { return true }
            let before = former.listeners[number]
            return listener.strangers.contains { !before.strangers.contains($0) }
                || listener.slots.contains { $1.isShutDown && before.slots[$0] != $1 }
        }
    }
}
