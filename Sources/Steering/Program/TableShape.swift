import SteeringABI

/// How many buckets a flow table has.
struct TableShape: Equatable {
    /// Bits in a bucket's number.
    let bits: Int

    /// The fewest, of the smallest region: there few flows lie close together.
    static let denseBits = RELEVO_DENSE_BITS
    static let ways = RELEVO_WAYS

    /// A table filled to a quarter by `maxFlows`: with three candidate buckets none is lost. The
    /// smallest region has but two, so that alone it does for a few.
    ///
    /// - Parameter hasIDs: whether sessions have an id beside their 4-tuple: that takes twice the entries.
    init(maxFlows: Int, hasIDs: Bool = false) {
        let maxFlows = hasIDs ? maxFlows * 2 : maxFlows
        var bits = Self.denseBits
        if maxFlows > 1 << (bits - 1) { bits += 1 }
        while (Self.ways << bits) < min(maxFlows, 1 << 25) * 4 { bits += 1 }
        self.bits = bits
    }

    var buckets: Int { 1 << bits }
    var bytes: Int { buckets * MemoryLayout<relevo_bucket>.size }

    /// Bits of the region that suits that many flows, given the one in use.
    ///
    /// A bucket has 3.5 flows at most before the region is doubled, and 2.5 at most once it was
    /// halved: few enough that all candidates of a flow are hardly ever full.
    func suitableBits(for flows: Int, now current: Int) -> Int {
        if flows * 2 > 7 << current {
            var wanted = current
            while wanted < bits && flows * 2 > 5 << wanted { wanted += 1 }
            return wanted
        }
        var wanted = current
        while wanted > Self.denseBits && flows * 2 <= 5 << (wanted - 1) { wanted -= 1 }
        return wanted
    }
}
