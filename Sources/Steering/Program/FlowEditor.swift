import SteeringABI

/// Pins and ends single flows by hand, in a table that the program changes meanwhile.
///
/// Every change is one compare and exchange; what was changed in between is looked at anew. (The
/// program for 5.10 has none: there the refreshing of a flow may undo its end.)
struct FlowEditor {
    /// Tries against a program that is always first.
    private static let mostAttempts = 16

    let table: FlowTable
    let region: TableRegion
    let now: TableTime
    let ticks: Ticks
    /// Number of the last walk, for tombstones that the next one may take away.
    let sweep: UInt16
    /// Whether a placement's flows are still its own.
    let isOpen: [Bool]

    private struct Place {
        let entry: FlowEntry
        let bucket: Int
        let way: Int
    }

    /// Ends a flow of that placement; another one's stays.
    func end(_ hash: FlowHash, of placement: Int) {
        for _ in 0..<Self.mostAttempts {
            let own = places(of: hash).filter { $0.entry.placement == placement }
            if own.isEmpty { return }
            for place in own {
                // Its bucket may overflow at this very moment: so never an entry never used.
                _ = table.replace(
                    place.entry, by: .tombstone(sweep: sweep), in: place.bucket, way: place.way)
            }
        }
    }

    /// Gives a flow to a placement, whoever had it; false where there is no room.
    ///
    /// - Parameter renewing: whether an entry that is there already is to last as long as a fresh one, or
    ///   half as long.
    func pin(_ hash: FlowHash, to placement: Int, renewing: Bool = false) -> Bool {
        let word =
            (hash.value >> UInt64(RELEVO_TAG_SHIFT)) << UInt64(RELEVO_TAG_SHIFT)
            | UInt64(now.coarse) << UInt64(RELEVO_SEEN_SHIFT)
            | UInt64(placement) << UInt64(RELEVO_PLACEMENT_SHIFT)
            | UInt64(RELEVO_CONFIRMED | RELEVO_COARSE)
        let pinned = FlowEntry(word: word)
        for _ in 0..<Self.mostAttempts {
            let found = places(of: hash)
            let others = found.filter {
                $0.entry.placement != placement || isOver($0.entry)
                    || renewing && $0.entry.age(at: now) > ticks.limit(of: $0.entry) / 2
            }
            if !found.isEmpty, others.isEmpty { return true }
            for place in others {
                let isSecond = place.entry.word & UInt64(RELEVO_SECOND) != 0
                _ = table.replace(
                    place.entry, by: pinned.placed(inSecond: isSecond), in: place.bucket,
                    way: place.way)
            }
            // The next look finds what the program has put beside it.
            if found.isEmpty, !insert(pinned, hash) { return false }
        }
        return true
    }

    /// Wherever a look-up may come upon the flow, in the regions that are being left as well.
    private func places(of hash: FlowHash) -> [Place] {
        let tag = hash.value >> UInt64(RELEVO_TAG_SHIFT)
        let masks = ([region.bits] + region.leaving).map { UInt32(1) << UInt32($0) - 1 }
        let buckets = Set(masks.flatMap { candidates(of: hash).numbers(mask: $0) })
        return buckets.sorted().flatMap { bucket in
            (0..<TableShape.ways).compactMap { way in
                let entry = table[bucket, way]
                guard entry.tag == tag, entry.placement != 0 else { return nil }
                return Place(entry: entry, bucket: bucket, way: way)
            }
        }
    }

    /// Puts an entry where the program would: in the place of an ended one, in the best candidate
    /// that has such, else in that of the unconfirmed one that is longest there.
    private func insert(_ entry: FlowEntry, _ hash: FlowHash) -> Bool {
        let candidates = candidates(of: hash)
        let targets = [
            (Int(candidates.first & region.mask), false),
            (Int(candidates.third & region.mask), false),
            (Int(candidates.second & region.mask), true),
        ]
        var oldest: (place: Place, isSecond: Bool)?
        for (bucket, isSecond) in targets {
            for way in 0..<TableShape.ways {
                let old = table[bucket, way]
                if isOver(old) {
                    // Where the program was first it is looked for again.
                    _ = table.replace(
                        old, by: entry.placed(inSecond: isSecond), in: bucket, way: way)
                    return true
                }
                let age = (oldest?.place.entry).map(since)
                if !old.isConfirmed, age.map({ since(old) > $0 }) ?? true {
                    oldest = (Place(entry: old, bucket: bucket, way: way), isSecond)
                }
            }
        }
        guard let oldest else { return false }
        let place = oldest.place
        _ = table.replace(
            place.entry, by: entry.placed(inSecond: oldest.isSecond), in: place.bucket,
            way: place.way)
        return true
    }

    private func isOver(_ entry: FlowEntry) -> Bool {
        entry.placement == 0 || !isOpen[entry.placement] || ticks.isIdle(entry, at: now)
    }

    /// For comparing only: a time in coarse ticks is of longer ago than one in fresh ticks.
    private func since(_ entry: FlowEntry) -> UInt32 {
        entry.age(at: now) | (entry.isCoarse ? 1 << 16 : 0)
    }

    private func candidates(of hash: FlowHash) -> Candidates {
        Candidates(
            first: relevo_first(hash.value), second: relevo_second(hash.value),
            third: relevo_third(hash.value))
    }
}
