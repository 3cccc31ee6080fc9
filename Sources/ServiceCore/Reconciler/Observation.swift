/// What is: found by looking at the sockets, without a rule.
package struct Observation: Equatable, Sendable {
    /// One listener's group.
    package struct Listener: Equatable, Sendable {
        /// Why our program cannot be had steering the group; nil where it steers now, whatever has before.
        package var refusal: String?
        /// The slots that the program gives new flows to; nil where that cannot be read.
        package var choice: Set<Int>?
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

    package var listeners: [Listener]

    package init(listeners: [Listener] = []) { self.listeners = listeners }

    /// Whether something is there now that has to be seen twice.
    func hasNews(since former: Observation) -> Bool {
        listeners.enumerated().contains { number, listener in
            guard former.listeners.indices.contains(number) else { return true }
            let before = former.listeners[number]
            return listener.strangers.contains { !before.strangers.contains($0) }
                || listener.slots.contains { $1.isShutDown && before.slots[$0]?.isShutDown != true }
        }
    }
}
