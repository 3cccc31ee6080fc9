import Kernel
import SteeringABI
import Synchronization

/// The flow table's memory, shared with the programs, which change it while we read.
///
/// Only the part in use is mapped: the kernel maps all of it at once, and it all counts as resident.
@safe final class FlowTable {
    let shape: TableShape
    private let map: OwnedDescriptor
    private var memory: MappedMemory
    private var words: UnsafeMutablePointer<Atomic<UInt64>>
    private(set) var mappedBuckets: Int

    init(of map: consuming OwnedDescriptor, shape: TableShape) throws(KernelError) {
        self.shape = shape
        mappedBuckets = 1 << TableShape.denseBits
        let memory = try MappedMemory(of: map, length: Self.bytes(mappedBuckets))
        unsafe words = memory.base.assumingMemoryBound(to: Atomic<UInt64>.self)
        self.memory = memory
        self.map = map
    }

    /// Makes these buckets, the first ones, those that can be reached.
    func reach(_ buckets: Int) throws(KernelError) {
        if buckets == mappedBuckets { return }
        let memory = try MappedMemory(of: map, length: Self.bytes(buckets))
        unsafe words = memory.base.assumingMemoryBound(to: Atomic<UInt64>.self)
        self.memory = memory
        mappedBuckets = buckets
    }

    private static func bytes(_ buckets: Int) -> Int {
        buckets * MemoryLayout<relevo_bucket>.size
    }

    subscript(bucket: Int, way: Int) -> FlowEntry {
        @inline(__always) get {
            FlowEntry(
                word: unsafe words[bucket &* TableShape.ways &+ way].load(ordering: .relaxed))
        }
    }

    /// Stores `new` if the entry is still `old`: the program, or nobody, changed it meanwhile.
    func replace(_ old: FlowEntry, by new: FlowEntry, in bucket: Int, way: Int) -> Bool {
        unsafe words[bucket &* TableShape.ways &+ way].compareExchange(
            expected: old.word, desired: new.word, ordering: .sequentiallyConsistent
        ).exchanged
    }

    /// Whether the bucket has an entry never used, so that no flow of it lies elsewhere.
    func hasNone(in bucket: Int) -> Bool {
        (0..<TableShape.ways).contains { self[bucket, $0] == .none }
    }

    /// The entry of a hash where the program comes upon it first, live or not; nil where it finds none.
    ///
    /// What is not mapped is not seen.
    func entry(of hash: UInt64, in region: TableRegion) -> FlowEntry? {
        let tag = hash >> UInt64(RELEVO_TAG_SHIFT)
        let candidates = Candidates(
            first: relevo_first(hash), second: relevo_second(hash), third: relevo_third(hash))
        func find(_ bucket: Int) -> FlowEntry? {
            guard bucket < mappedBuckets else { return nil }
            return (0..<TableShape.ways).lazy.map { self[bucket, $0] }.first { $0.tag == tag }
        }
        let home = Int(candidates.first & region.mask)
        if let found = find(home) { return found }
        var masks = region.leaving.map { UInt32(1) << UInt32($0) - 1 }
        if home < mappedBuckets, !hasNone(in: home) { masks.insert(region.mask, at: 0) }
        for mask in masks {
            for bucket in candidates.numbers(mask: mask) {
                if let found = find(bucket) { return found }
            }
        }
        return nil
    }

    /// Where else, in the region of the mask, the flow of an entry is kept.
    func copy(
        of entry: FlowEntry, from bucket: Int, mask: UInt32, isOver: (FlowEntry) -> Bool
    ) -> (entry: FlowEntry, bucket: Int, way: Int)? {
        for target in entry.candidates(in: bucket).numbers(mask: mask) where target != bucket {
            for way in 0..<TableShape.ways {
                let copy = self[target, way]
                if copy.tag == entry.tag && copy.placement != 0 && !isOver(copy) {
                    return (copy, target, way)
                }
            }
        }
        return nil
    }

    /// Counts the flows that lie in two regions while they are being moved, as `tally` does.
    func tallyCopies(in region: TableRegion, at now: TableTime, ticks: Ticks) -> [UInt32] {
        var counts = [UInt32](repeating: 0, count: Int(RELEVO_PLACEMENTS) * 4)
        let old = 1 << (region.leaving.max() ?? 0)
        for bucket in 0..<old {
            for way in 0..<TableShape.ways {
                let entry = self[bucket, way]
                let age = entry.age(at: now)
                if entry.placement == 0 || age > ticks.countLimit(of: entry) { continue }
                let candidates = entry.candidates(in: bucket)
                if candidates.first & region.mask == UInt32(bucket) { continue }
                let copy = self.copy(of: entry, from: bucket, mask: region.mask) {
                    ticks.isIdle($0, at: now)
                }
                guard copy != nil else { continue }
                let kind = ticks.kind(of: entry, age: age)
                counts[entry.placement * 4 + kind] += 1
            }
        }
        return counts
    }

    /// Counts the entries of the first buckets by placement and class; `LiveFlows` reads the result.
    ///
    /// A million flows are 4 million entries, most of them empty: the loop is all that counts.
    func tally(buckets: Int, at now: TableTime, ticks: Ticks) -> [UInt32] {
        var counts = [UInt32](repeating: 0, count: Int(RELEVO_PLACEMENTS) * 4)
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            for at in 0..<buckets * TableShape.ways {
                let word = unsafe words[at].load(ordering: .relaxed)
                if word == 0 { continue }
                let entry = FlowEntry(word: word)
                let age = entry.age(at: now)
                if age > ticks.countLimit(of: entry) { continue }
                let kind = ticks.kind(of: entry, age: age)
                unsafe counts[entry.placement &* 4 &+ kind] &+= 1
            }
        }
        return counts
    }
}

extension FlowTable {
    /// Counts by placement the confirmed flows in the first buckets that were seen within so many whole coarse ticks:
    /// one whose time tells less, or has an id's mark in it, is not counted.
    func tally(buckets: Int, at now: TableTime, seenWithin ticks: UInt32) -> [UInt32] {
        var counts = [UInt32](repeating: 0, count: Int(RELEVO_PLACEMENTS))
        for bucket in 0..<buckets {
            for way in 0..<TableShape.ways {
                let entry = self[bucket, way]
                guard entry.isConfirmed, entry.isCoarse, entry.age(at: now) < ticks else {
                    continue
                }
                counts[entry.placement] &+= 1
            }
        }
        return counts
    }
}

extension Ticks {
    /// The column of a tally that a live flow counts in.
    fileprivate func kind(of entry: FlowEntry, age: UInt32) -> Int {
        entry.isConfirmed ? 1 : (!entry.isCoarse && age < recent ? 3 : 2)
    }
}

extension SlotFlows {
    /// What a tally says of one placement.
    init(of placement: Int, in tally: [UInt32]) {
        let at = placement * 4
        self.init(
            confirmed: Int(tally[at + 1]), unconfirmed: Int(tally[at + 2] + tally[at + 3]),
            recentUnconfirmed: Int(tally[at + 3]))
    }
}
