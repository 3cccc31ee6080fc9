/// The counts of a load of sessions.
struct SessionTally {
    var opened: UInt64 = 0
    /// Sessions that were answered by a process that does not know them.
    var broken: UInt64 = 0
    /// The same by what their client had done last.
    var brokenAfter: [ClientSession.Change: UInt64] = [:]
    /// How often clients did so.
    var changes: [ClientSession.Change: UInt64] = [:]
    var sent: UInt64 = 0
    var answered: UInt64 = 0
    var refused: UInt64 = 0
    /// Datagrams that another process answered than the session's own.
    var misrouted: UInt64 = 0
    /// Sessions that began after a flip and reached an older generation.
    var stale: UInt64 = 0
    var ownDrops: UInt64 = 0
    /// Answers by generation.
    var generations: [UInt32: UInt64] = [:]

    var lost: UInt64 { sent - min(sent, answered + refused + ownDrops) }

    mutating func count(_ change: ClientSession.Change) { changes[change, default: 0] += 1 }

    mutating func countBroken(after change: ClientSession.Change) {
        broken += 1
        brokenAfter[change, default: 0] += 1
    }
}
