/// How often each rule told where a datagram goes; by an id that was known go the others that are pinned.
package struct RuleCounts: Codable, Equatable, Sendable {
    /// By the 4-tuple or the handshake.
    package var tuple: Int
    /// Ids learned.
    package var learned: Int
    /// Sessions found by their id at another address of their client.
    package var rebound: Int
    /// Unknown ones that went where a session of the same address is.
    package var hinted: Int
    /// Unknown ones that went to a generation that drains, as it has more sessions.
    package var guessed: Int
    /// Unknown ones that went to the current generation.
    package var unknown: Int
    /// Sessions opened on a 4-tuple whose others are a generation's that drains.
    package var moved: Int
    /// By an id never seen that tells its worker.
    package var owner: Int
    /// Unknown ones of which each worker that may know their session got a copy. nil from an older supervisor.
    package var copied: Int?
    /// Unknown ones beyond what may be copied, which are among the guessed or the unknown.
    package var uncopied: Int?

    package init(
        tuple: Int = 0, learned: Int = 0, rebound: Int = 0, hinted: Int = 0, guessed: Int = 0,
        unknown: Int = 0, moved: Int = 0, owner: Int = 0, copied: Int? = nil, uncopied: Int? = nil
    ) {
        self.tuple = tuple
        self.learned = learned
        self.rebound = rebound
        self.hinted = hinted
        self.guessed = guessed
        self.unknown = unknown
        self.moved = moved
        self.owner = owner
        self.copied = copied
        self.uncopied = uncopied
    }
}
