/// What ought to be, for the port to compare with what is.
package struct Observing: Equatable, Sendable {
    /// By listener the slots that are in use, and the inode that each ought to have.
    package var slots: [SlotID: UInt64]
    /// The slots whose worker serves: their sockets must not be connected, shut down or filtered unless
    /// the worker itself serves that way.
    package var serving: Set<SlotID>

    package init(slots: [SlotID: UInt64] = [:], serving: Set<SlotID> = []) {
        self.slots = slots
        self.serving = serving
    }
}

/// What is not as it ought to be.
package struct Observation: Equatable, Sendable {
    package var differences: [Difference]

    package init(differences: [Difference] = []) { self.differences = differences }
}

/// One thing that is not as it ought to be.
package enum Difference: Hashable, Sendable {
    /// Another program had been attached to the listener's group, or none; ours is attached again.
    case programReplaced(listener: Int)
    /// Another program is attached and ours cannot be attached again.
    case programLost(listener: Int, reason: String)
    /// A socket of somebody else is in the group.
    case strangerInGroup(listener: Int, inode: UInt64)
    /// A slot has fallen out of the group.
    case slotOutsideGroup(SlotID)
    /// A slot's socket cannot receive any more.
    case slotShutDown(SlotID)
    /// A slot's socket has been connected to one peer.
    case slotConnected(SlotID)
    /// SO_REUSEPORT was off and is on again.
    case sharingRestored(SlotID)
    /// Something was done to a slot's socket, in words.
    case slotAltered(SlotID, String)
}
