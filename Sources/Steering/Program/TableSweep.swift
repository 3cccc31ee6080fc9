import SteeringABI

/// One walk through the flow table: removes what has ended, and moves flows between the regions.
///
/// A moved flow is first copied; the old entry goes in a later walk, when no program that looked
/// for the copy too early can still be under way. So it is found at every moment.
struct TableSweep {
    let table: FlowTable
    let region: TableRegion
    let now: TableTime
    let ticks: Ticks
    /// Number of this walk, written into the tombstones that it makes.
    let number: UInt16
    /// Whether a placement's flows are still its own.
    let isOpen: [Bool]
    /// False when the walk before was so short ago that a program may have missed its copies.
    let mayMove: Bool

    private(set) var live = 0
    /// Flows in a region that is being left.
    private(set) var strays = 0
    private var overflowed: [Bool]
    private var oldTombstones: [Int] = []

    init(
        of table: FlowTable, region: TableRegion, now: TableTime, ticks: Ticks, number: UInt16,
        isOpen: [Bool], mayMove: Bool
    ) {
        self.table = table
        self.region = region
        self.now = now
        self.ticks = ticks
        self.number = number
        self.isOpen = isOpen
        self.mayMove = mayMove
        overflowed = Array(repeating: false, count: region.buckets)
    }

    /// Walks through all buckets in use.
    mutating func run() {
        for bucket in 0..<region.buckets {
            for way in 0..<TableShape.ways {
                let entry = table[bucket, way]
                if entry == .none { continue }
                visit(entry, in: bucket, way: way)
            }
        }
        if !region.isMoving { removeTombstones() }
    }

    private mutating func visit(_ found: FlowEntry, in bucket: Int, way: Int) {
        let entry = aged(found, in: bucket, way: way)
        if entry.isTombstone {
            if entry.seen != number { oldTombstones.append(bucket) }
            return
        }
        if isOver(entry) {
            clear(entry, in: bucket, way: way)
            return
        }
        live += 1
        let candidates = entry.candidates(in: bucket)
        let home = Int(candidates.first & region.mask)
        if home == bucket { return }
        if region.isMoving && isStray(entry, in: bucket, candidates, home: home) {
            strays += 1
            if mayMove { move(entry, from: bucket, way: way, to: candidates) }
        } else {
            overflowed[home] = true
        }
    }

    /// What an entry is from now on: its time in coarse ticks before the fresh ones come round.
    private func aged(_ entry: FlowEntry, in bucket: Int, way: Int) -> FlowEntry {
        if entry.isTombstone || isOver(entry) || !ticks.isStale(entry, at: now) { return entry }
        let coarse = ticks.coarse(entry, at: now)
        return table.replace(entry, by: coarse, in: bucket, way: way) ? coarse : entry
    }

    private func isOver(_ entry: FlowEntry) -> Bool {
        !isOpen[entry.placement] || ticks.isIdleForAll(entry, at: now)
    }

    /// Whether a flow lies where a look-up in the region would not come, or is there a second time.
    private func isStray(
        _ entry: FlowEntry, in bucket: Int, _ candidates: Candidates, home: Int
    ) -> Bool {
        if !candidates.contains(bucket, mask: region.mask) || table.hasNone(in: home) {
            return true
        }
        return table.copy(of: entry, from: bucket, mask: region.mask, isOver: isOver) != nil
    }

    /// Only a bucket that has an entry never used is known not to have overflowed.
    private func clear(_ entry: FlowEntry, in bucket: Int, way: Int) {
        let rest: FlowEntry = table.hasNone(in: bucket) ? .none : .tombstone(sweep: number)
        _ = table.replace(entry, by: rest, in: bucket, way: way)
    }

    private mutating func move(
        _ entry: FlowEntry, from bucket: Int, way: Int, to candidates: Candidates
    ) {
        if let copy = table.copy(of: entry, from: bucket, mask: region.mask, isOver: isOver) {
            // Unless it changes meanwhile, the copy has all that the old entry knew.
            let merged = copy.entry.merged(with: entry, at: now, ticks)
            if copy.entry == merged
                || table.replace(copy.entry, by: merged, in: copy.bucket, way: copy.way)
            {
                // It is live, so that its bucket may overflow at this very moment.
                _ = table.replace(entry, by: .tombstone(sweep: number), in: bucket, way: way)
            }
            return
        }
        let targets = candidates.numbers(mask: region.mask)
        for (index, target) in targets.enumerated() where target != bucket {
            let moved = entry.placed(inSecond: index == 1)
            for other in 0..<TableShape.ways {
                let old = table[target, other]
                let isFree = old == .none || old.isTombstone || isOver(old)
                if isFree && table.replace(old, by: moved, in: target, way: other) { return }
            }
        }
    }

    /// A tombstone may go when no flow of its bucket lies elsewhere: it was there before this walk
    /// began, so none can have gone elsewhere since.
    private func removeTombstones() {
        for bucket in oldTombstones where !overflowed[bucket] {
            for way in 0..<TableShape.ways {
                let entry = table[bucket, way]
                guard entry.isTombstone, entry.seen != number else { continue }
                _ = table.replace(entry, by: .none, in: bucket, way: way)
            }
        }
    }
}
