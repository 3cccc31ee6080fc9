import SteeringABI

/// One look at what the program has learned of ids, by the stays as they are.
struct SessionReview {
    /// The open stays' numbers, by slot.
    let open: [Int: Int]
    /// Those of them that new sessions go to.
    let current: Set<Int>
    let ids: IdState

    /// Open ones that new sessions do not go to, by slot: those of generations that drain, or have not begun.
    var draining: [Int: Int] { open.filter { !current.contains($0.value) } }

    func markDraining() {
        for number in open.values { ids.setDraining(!current.contains(number), number) }
    }

    func putLengthsInOrder() {
        let old = ids.lengths
        let next = old.next(
            current: current.map(ids.heard), draining: draining.values.map(ids.heard))
        if next != old { ids.change(old, to: next) }
    }

    /// Has unknown sessions go to generations that drain while most sessions are theirs: among those to the
    /// fullest slots. Only confirmed ones count: what was a guess itself speaks for nothing.
    ///
    /// - Parameter confirmed: how many of a stay's sessions are.
    func guess(budget: Int, confirmed: (Int) -> Int) {
        let counts = draining.values.map { ($0, confirmed($0)) }
        let theirs = counts.reduce(0) { $0 + $1.1 }
        let ours = current.reduce(0) { $0 + confirmed($1) }
        let most = counts.map(\.1).max() ?? 0
        let isTheirs = theirs > ours && budget > 0
        ids.guess(isTheirs ? counts.filter { $0.1 * 2 >= most && $0.1 > 0 }.map(\.0).sorted() : [])
        ids.budget = budget
    }

    /// Those of whose sessions a datagram of nobody known may be, while there are some of different generations.
    ///
    /// A stay of a generation that drains is one as long as it has sessions, or may have one that is only copied. Once
    /// the last drain is over it is still not known which worker has one of those.
    func candidates(by tally: [UInt32], hasCanary: Bool, _ copying: Copying) -> Set<Int> {
        let theirs = draining.values.filter {
            !tally.isEmpty && SlotFlows(of: $0, in: tally).live > 0
                || copying.sessions > 0 && copying.candidates.contains($0)
        }
        if theirs.isEmpty, !hasCanary, copying.sessions == 0 || current.count < 2 { return [] }
        return current.union(theirs)
    }

    /// The stays whose servers have an id, by slot.
    var named: [Int: Int] { open.filter { ids.cookieWord(of: $0.key) != 0 } }

    /// The stays whose ids tell their worker, by slot.
    var owners: [Int: Int] { open.filter { ids.heard(at: $0.value).form.isOwned } }
}
