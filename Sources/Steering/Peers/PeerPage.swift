/// The first rows of what was told of peers, in one order: kept while it is told, in memory for twice as many rows as are
/// asked for, however many flows there are.
package struct PeerPage: Sendable {
    package enum Order: Sendable {
        /// Who was seen last comes first.
        case seen
        /// Who is there for longest comes first.
        case age
    }

    package struct Row: Sendable {
        package let peer: ToldPeer
        /// The less, the older its flow may be; what has the same comes in the order of `seen`.
        package let rank: Int
        /// When it was told of first in this look.
        package let firstSeen: Duration
    }

    package let order: Order
    package let limit: Int
    private var kept: [ToldPeer.Key: Row] = [:]
    /// The rank of the last row that would be shown, where there are as many as fit.
    private var last: Int?

    package init(_ order: Order, limit: Int) {
        self.order = order
        self.limit = max(1, limit)
    }

    /// Takes note of one that was told of later than those before.
    package mutating func note(_ peer: ToldPeer, rank: Int = 0) {
        if order == .age, let last, rank > last { return }
        let key = peer.key
        let firstSeen = kept[key]?.firstSeen ?? peer.time
        kept[key] = Row(peer: peer, rank: rank, firstSeen: firstSeen)
        if kept.count > 2 * limit { drop() }
    }

    private mutating func drop() {
        let rows = kept.sorted { isBefore($0.value, $1.value) }.prefix(limit)
        kept = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) })
        last = rows.last?.value.rank
    }

    private func isBefore(_ one: Row, _ other: Row) -> Bool {
        switch order {
        case .age where one.rank != other.rank: one.rank < other.rank
        case .age, .seen: one.peer.time > other.peer.time
        }
    }

    /// The first ones, in order.
    package var rows: [Row] { Array(kept.values.sorted(by: isBefore).prefix(limit)) }
}
