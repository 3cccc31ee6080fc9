import Kernel
import SteeringABI
import Synchronization

/// The flow table's memory, shared with the program, which changes it while we read.
@safe final class FlowTable {
    let shape: TableShape
    private let memory: MappedMemory
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    init(of map: borrowing OwnedDescriptor, shape: TableShape) throws(KernelError) {
        self.shape = shape
        let memory = try MappedMemory(of: map, length: shape.bytes)
        unsafe words = memory.base.assumingMemoryBound(to: Atomic<UInt64>.self)
        self.memory = memory
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
    func tallyCopies(in region: TableRegion, at now: UInt16, ticks: Ticks) -> [UInt32] {
        var counts = [UInt32](repeating: 0, count: Int(RELEVO_PLACEMENTS) * 4)
        let old = 1 << (region.leaving.max() ?? 0)
        for bucket in 0..<old {
            for way in 0..<TableShape.ways {
                let entry = self[bucket, way]
                let age = entry.age(at: now)
                if entry.placement == 0 || age > ticks.idle { continue }
                let candidates = entry.candidates(in: bucket)
                if candidates.first & region.mask == UInt32(bucket) { continue }
                let copy = self.copy(of: entry, from: bucket, mask: region.mask) {
                    $0.age(at: now) > ticks.idle
                }
                guard copy != nil else { continue }
                let kind = entry.isConfirmed ? 1 : (age < ticks.recent ? 3 : 2)
                counts[entry.placement * 4 + kind] += 1
            }
        }
        return counts
    }

    /// Counts the entries of the first buckets by placement and class; `LiveFlows` reads the result.
    ///
    /// A million flows are 4 million entries, most of them empty: the loop is all that counts.
    func tally(buckets: Int, at now: UInt16, ticks: Ticks) -> [UInt32] {
        var counts = [UInt32](repeating: 0, count: Int(RELEVO_PLACEMENTS) * 4)
        let (idle, recent) = (ticks.idle, ticks.recent)
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            for at in 0..<buckets * TableShape.ways {
                let word = unsafe words[at].load(ordering: .relaxed)
                if word == 0 { continue }
                let entry = FlowEntry(word: word)
                let age = entry.age(at: now)
                if age > idle { continue }
                let kind = entry.isConfirmed ? 1 : (age < recent ? 3 : 2)
                unsafe counts[entry.placement &* 4 &+ kind] &+= 1
            }
        }
        return counts
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
