import SteeringABI

/// One flow as the table keeps it: see SteeringABI.h for its bits.
struct FlowEntry: Equatable {
    /// Never used since the bucket was last known not to overflow.
    static let none = FlowEntry(word: 0)

    var word: UInt64

    /// Stands where a flow was in a bucket that may have overflowed into the next candidate.
    static func tombstone(sweep: UInt16) -> FlowEntry {
        FlowEntry(word: UInt64(RELEVO_SECOND) | UInt64(sweep) << UInt64(RELEVO_SEEN_SHIFT))
    }

    var isTombstone: Bool { word != 0 && placement == 0 }
    var isConfirmed: Bool { word & UInt64(RELEVO_CONFIRMED) != 0 }
    /// Whether its time is in coarse ticks; see `Ticks`.
    var isCoarse: Bool { word & UInt64(RELEVO_COARSE) != 0 }
    var seen: UInt16 { UInt16(truncatingIfNeeded: word >> UInt64(RELEVO_SEEN_SHIFT)) }
    var tag: UInt64 { word >> UInt64(RELEVO_TAG_SHIFT) }

    var placement: Int {
        Int(word >> UInt64(RELEVO_PLACEMENT_SHIFT)) & (Int(RELEVO_PLACEMENTS) - 1)
    }

    /// Ticks since it was seen; the slack keeps a clock that lags from making it ages old.
    func age(at time: TableTime) -> UInt32 {
        let now = isCoarse ? time.coarse : time.fresh
        let aged = UInt32((now &+ UInt16(RELEVO_SLACK)) &- seen)
        return aged < UInt32(RELEVO_SLACK) ? 0 : aged - UInt32(RELEVO_SLACK)
    }

    /// The flow's candidate buckets, from where it lies now, best first.
    func candidates(in bucket: Int) -> Candidates {
        let hash = relevo_hash_of(word, UInt32(bucket))
        return Candidates(
            first: relevo_first(hash), second: relevo_second(hash), third: relevo_third(hash))
    }

    /// The same flow as it looks in its second candidate bucket, or in another one.
    func placed(inSecond: Bool) -> FlowEntry {
        let bit = UInt64(RELEVO_SECOND)
        return FlowEntry(word: inSecond ? word | bit : word & ~bit)
    }

    /// This flow with what another copy of it knows besides.
    func merged(with copy: FlowEntry, at now: TableTime, _ ticks: Ticks) -> FlowEntry {
        let areFresh = !isCoarse && !copy.isCoarse
        let one = areFresh ? self : ticks.coarse(self, at: now)
        let other = areFresh ? copy : ticks.coarse(copy, at: now)
        var newest = other.age(at: now) < one.age(at: now) ? other : one
        if isConfirmed || copy.isConfirmed { newest.word |= UInt64(RELEVO_CONFIRMED) }
        return newest.placed(inSecond: word & UInt64(RELEVO_SECOND) != 0)
    }
}

/// The buckets that a flow may lie in, before the region's mask.
struct Candidates: Equatable {
    let first: UInt32
    let second: UInt32
    let third: UInt32

    /// The numbers in a region, best first; in the dense one the third is the first again.
    func numbers(mask: UInt32) -> [Int] {
        [Int(first & mask), Int(second & mask), Int(third & mask)]
    }

    func contains(_ bucket: Int, mask: UInt32) -> Bool {
        let bucket = UInt32(bucket)
        return first & mask == bucket || second & mask == bucket || third & mask == bucket
    }
}
