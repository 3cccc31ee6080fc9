/// The 4-tuples that sessions have left behind for another one, by stay, as long as a count of flows has them.
///
/// A session whose client's address changes has two entries that count: the new one, and the old one until it has
/// been silent for the idle time. The program counts how often that happens (`relevo_ids.left`); it is taken off the
/// count again for about as long.
struct LeftFlows {
    private struct Change {
        let time: Duration
        let count: Int
    }

    /// How long a 4-tuple counts after it was left.
    var lifetime: Duration
    /// What the program's counters were at the last look.
    private var seen: [Int: UInt32] = [:]
    /// The oldest first.
    private var changes: [Int: [Change]] = [:]
    /// What is noted more often than this is one change: the list stays short.
    private var grain: Duration { lifetime / 64 }

    init(lifetime: Duration) { self.lifetime = lifetime }

    /// Takes note of a stay's counter, which goes round. What it was at the first look nobody knows the time of.
    mutating func note(_ counter: UInt32, of stay: Int, at now: Duration) {
        let before = seen.updateValue(counter, forKey: stay) ?? counter
        let count = Int(counter &- before)
        guard count > 0 else { return }
        if let last = changes[stay]?.last, now - last.time < grain {
            changes[stay]?.removeLast()
            changes[stay]?.append(Change(time: last.time, count: last.count + count))
        } else {
            changes[stay, default: []].append(Change(time: now, count: count))
        }
    }

    /// A number that another stay had begins anew.
    mutating func forget(_ stay: Int) {
        seen[stay] = nil
        changes[stay] = nil
    }

    /// How many of a stay's count still.
    mutating func count(of stay: Int, at now: Duration) -> Int {
        guard let all = changes[stay] else { return 0 }
        let live = all.drop { now - $0.time >= lifetime }
        changes[stay] = live.isEmpty ? nil : Array(live)
        return live.reduce(0) { $0 + $1.count }
    }
}

extension SlotFlows {
    /// What is left when so many are taken off that have been left behind.
    ///
    /// Those of which only a first datagram was seen go first, for what was left is made good by such a one at
    /// first. One always stays where there is any: this is an estimate, and must not end a drain.
    func without(_ left: Int) -> SlotFlows {
        var rest = self
        let fresh = min(left, confirmed > 0 ? unconfirmed : max(0, unconfirmed - 1))
        rest.unconfirmed -= fresh
        rest.recentUnconfirmed = min(rest.recentUnconfirmed, rest.unconfirmed)
        rest.confirmed = max(min(1, confirmed), confirmed - (left - fresh))
        return rest
    }
}
