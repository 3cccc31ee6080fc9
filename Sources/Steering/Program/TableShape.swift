import SteeringABI

/// How many buckets a flow table has.
struct TableShape: Equatable {
    /// Number of the last bucket of the dense region, where few flows stay together.
    static let denseMask = UInt32(RELEVO_DENSE_MASK)
    /// With more flows than that, a third of its room, the dense region is left for the full one.
    static let denseFlows = 12_000
    static let ways = Int(RELEVO_WAYS)

    /// Number of the last bucket, all ones in binary.
    let fullMask: UInt32

    /// A table filled to a quarter by `maxFlows`: with three candidate buckets none is lost.
    init(maxFlows: Int) {
        var buckets = 1 << Int(RELEVO_DENSE_BITS)
        while buckets * Self.ways < min(maxFlows, 1 << 25) * 4 { buckets *= 2 }
        fullMask = UInt32(buckets - 1)
    }

    var buckets: Int { Int(fullMask) + 1 }
    var bytes: Int { buckets * MemoryLayout<relevo_bucket>.size }
    var growable: Bool { fullMask != Self.denseMask }
}

/// Which buckets flows are kept in, as the program reads it in one word.
struct TableRegion: Equatable {
    /// Mask of the bucket numbers for new flows.
    var primary: UInt32
    /// Mask of the region that flows are being moved out of; 0 when none are.
    var leaving: UInt32

    init(primary: UInt32, leaving: UInt32 = 0) {
        self.primary = primary
        self.leaving = leaving
    }

    init(word: UInt64) {
        primary = UInt32(truncatingIfNeeded: word)
        leaving = UInt32(truncatingIfNeeded: word >> 32)
    }

    var word: UInt64 { UInt64(leaving) << 32 | UInt64(primary) }
    var isMoving: Bool { leaving != 0 }
    /// Buckets to look through for everything that is kept.
    var buckets: Int { Int(max(primary, leaving)) + 1 }
}
