/// What the steering did with the datagrams of a listener since it was made.
package struct SteeringCounters: Sendable, Equatable {
    /// Everything the program was asked about: datagrams, or connections of a TCP listener.
    package var datagrams: UInt64 = 0
    /// Of those, the ones that went to the slot their flow is pinned to.
    package var pinned: UInt64 = 0
    /// Of those, the ones that opened a flow, among them flows counted as new after a re-steer.
    package var newFlows: UInt64 = 0
    /// Times that a chosen slot had no socket and another one had to be taken.
    package var fallback: UInt64 = 0
    /// Live flows forgotten to make room; never a confirmed one.
    package var evicted: UInt64 = 0
    /// Datagrams of flows that found no room: served by the current bank, not remembered.
    package var unrecorded: UInt64 = 0
    /// Peers that were not told of while somebody looked, for want of room.
    package var untold: UInt64 = 0
    /// By which rule, where sessions have ids.
    package var rules: RuleCounters?

    package init() {}
}

/// How often each rule for sessions with an id of their own told where a datagram goes.
package struct RuleCounters: Sendable, Equatable {
    /// By the 4-tuple or the handshake, where no known id told it.
    package var tuple: UInt64 = 0
    /// Ids learned.
    package var learned: UInt64 = 0
    /// Sessions found by their id at another address of their client.
    package var rebound: UInt64 = 0
    /// Unknown ones that went where a session of the same address is.
    package var hinted: UInt64 = 0
    /// Unknown ones that went to a generation that drains, as it has more sessions.
    package var guessed: UInt64 = 0
    /// Unknown ones that went to the current generation.
    package var unknown: UInt64 = 0
    /// Sessions opened on a 4-tuple whose others are a generation's that drains.
    package var moved: UInt64 = 0
    /// Ids never seen that told their worker.
    package var owner: UInt64 = 0
    /// Unknown ones of which each worker that may know their session got a copy.
    package var copied: UInt64 = 0
    /// Unknown ones beyond what may be copied; they are among the guessed or the unknown.
    package var uncopied: UInt64 = 0

    package init() {}
}

/// The live flows of one slot.
package struct SlotFlows: Sendable, Equatable {
    /// Flows of which a datagram came at least a millisecond after the first.
    package var confirmed = 0
    /// Flows of which only the first datagrams have been seen, the recent ones among them.
    package var unconfirmed = 0
    /// Unconfirmed flows whose first datagram came less than five seconds ago.
    package var recentUnconfirmed = 0

    /// All live flows.
    package var live: Int { confirmed + unconfirmed }

    package init(confirmed: Int = 0, unconfirmed: Int = 0, recentUnconfirmed: Int = 0) {
        self.confirmed = confirmed
        self.unconfirmed = unconfirmed
        self.recentUnconfirmed = recentUnconfirmed
    }
}
