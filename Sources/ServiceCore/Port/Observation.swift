package import HandoverCore

/// What ought to be, for the port to compare with what is.
package struct Observing: Equatable, Sendable {
    /// By listener the slots that are in use, and the inode that each ought to have.
    package var slots: [SlotID: UInt64]
    /// The slots whose worker serves: their sockets must not be connected, shut down or filtered unless
    /// the worker itself serves that way.
    package var serving: Set<SlotID>
    /// Generations whose sessions outside the slots are to be counted, with their workers' processes.
    package var draining: [GenerationID: [Int32]]

    package init(
        slots: [SlotID: UInt64] = [:], serving: Set<SlotID> = [],
        draining: [GenerationID: [Int32]] = [:]
    ) {
        self.slots = slots
        self.serving = serving
        self.draining = draining
    }
}

/// What is not as it ought to be, and what was counted.
package struct Observation: Equatable, Sendable {
    package var differences: [Difference]
    /// Sessions of draining generations that do not pass their slots.
    package var sessions: [GenerationID: OutsideSessions]

    package init(
        differences: [Difference] = [], sessions: [GenerationID: OutsideSessions] = [:]
    ) {
        self.differences = differences
        self.sessions = sessions
    }
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

/// Sessions of a generation that do not pass its slots (design, 6.1).
package struct OutsideSessions: Hashable, Codable, Sendable {
    /// Accepted TCP connections.
    package var connections = 0
    /// UDP sockets connected to one peer.
    package var connected = 0
    /// UDP sockets at ports that a worker has bound for itself.
    package var ports = 0

    package init(connections: Int = 0, connected: Int = 0, ports: Int = 0) {
        self.connections = connections
        self.connected = connected
        self.ports = ports
    }

    package var total: Int { connections + connected + ports }
}
