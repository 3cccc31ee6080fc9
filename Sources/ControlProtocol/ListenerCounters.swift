/// Datagrams of one listener since the supervisor's start, by what became of them.
package struct ListenerCounters: Codable, Equatable, Sendable {
    package var datagrams: Int
    /// Went to the slot that their flow was remembered with.
    package var pinned: Int
    package var newFlows: Int
    /// Steered by the plain rule for want of a better one.
    package var fallback: Int
    /// Live flows pushed out of a full table.
    package var evicted: Int
    /// Datagrams of new flows that found no room in a full table: steered and not remembered.
    package var unrecorded: Int
    /// Dropped by the kernel because a receive buffer was full.
    package var drops: Int
    /// Dropped while a filter kept what is sent to groups of hosts from sockets that are not current: copies that
    /// others had, or losses, which only the eBPF program can tell; nil where there are none.
    package var possibleDrops: Int?
    /// By which rule, where sessions have ids; nil elsewhere.
    package var rules: RuleCounts?

    package init(
        datagrams: Int = 0, pinned: Int = 0, newFlows: Int = 0, fallback: Int = 0,
        evicted: Int = 0, unrecorded: Int = 0, drops: Int = 0,
        possibleDrops: Int? = nil, rules: RuleCounts? = nil
    ) {
        self.datagrams = datagrams
        self.pinned = pinned
        self.newFlows = newFlows
        self.fallback = fallback
        self.evicted = evicted
        self.unrecorded = unrecorded
        self.drops = drops
        self.possibleDrops = possibleDrops
        self.rules = rules
    }
}
