import Kernel
import SteeringABI
import Testing

@testable import Steering

/// Walks through a table that no program uses, in a memory file.
struct TableSweepTests {
    private let table: FlowTable
    private let ticks = Ticks(idleTimeout: .seconds(60), clockStep: .zero)
    private let now = TableTime(fresh: 30_000, coarse: 30_000)
    private let moving: TableRegion

    init() throws {
        let shape = TableShape(maxFlows: 100_000)
        let file = try MemoryFile(named: "flows")
        try file.replaceContents(with: [UInt8](repeating: 0, count: shape.bytes))
        table = try FlowTable(of: file.intoDescriptor(), shape: shape)
        try table.reach(shape.buckets)
        moving = TableRegion(bits: shape.bits, leaving: [TableShape.denseBits])
    }

    @Test func aFlowIsCopiedInOneWalkAndItsOldEntryGoesInTheNext() {
        let hash: UInt64 = 0xABCD_EF01_5000_0123
        let first = Int(relevo_first(hash) & moving.mask)
        put(entry(hash), in: 0x123, way: 2)
        #expect(walk(moving).strays == 1)
        #expect(entries(in: first) == [entry(hash)])
        #expect(table[0x123, 2] == entry(hash))
        #expect(walk(moving).strays == 1)
        #expect(entries(in: first) == [entry(hash)])
        #expect(table[0x123, 2].isTombstone)
        #expect(walk(moving).strays == 0)
    }

    @Test func withoutARestBetweenWalksNothingIsMoved() {
        put(entry(0xABCD_EF01_5000_0123), in: 0x123, way: 0)
        #expect(walk(moving, mayMove: false).strays == 1)
        #expect(walk(moving, mayMove: false).strays == 1)
        #expect(table[0x123, 0] == entry(0xABCD_EF01_5000_0123))
    }

    /// The old entry lies where the flow's third candidate is, and the first is full by now.
    @Test func aFlowThatLiesTwiceIsKeptOnce() throws {
        let base: UInt64 = 0x123
        let found = (UInt64(0)..<1 << 16).lazy.map { $0 << 32 | 0xABC << 52 | base }.first {
            relevo_third($0) & moving.mask == UInt32(base)
        }
        let hash = try #require(found)
        let first = Int(relevo_first(hash) & moving.mask)
        put(entry(hash), in: first, way: 0)
        for way in 1..<TableShape.ways {
            put(entry(UInt64(way) << 44 | hash & 0xF_0000_0000 | base), in: first, way: way)
        }
        put(entry(hash), in: Int(base), way: 5)
        _ = walk(moving)
        #expect(table[Int(base), 5].isTombstone)
        #expect(table[first, 0] == entry(hash))
    }

    @Test func whatHasEndedLeavesNoTraceInABucketThatNeverOverflowed() {
        put(entry(0x1_0000_0000_0007, placement: 2), in: 7, way: 0)
        put(entry(0x2_0000_0000_0007), in: 7, way: 1)
        #expect(walk(TableRegion(bits: 12)).live == 1)
        #expect(table[7, 0] == .none)
    }

    @Test func aBucketThatMayHaveOverflowedStaysMarkedUntilNoFlowOfItLiesElsewhere() {
        let dense = TableRegion(bits: 12)
        for way in 0..<TableShape.ways {
            put(entry(UInt64(way + 1) << 40 | 7, placement: way == 3 ? 2 : 1), in: 7, way: way)
        }
        let elsewhere = entry(99 << 40 | 7).placed(inSecond: true)
        let second = Int(relevo_second(99 << 40 | 7) & dense.mask)
        put(elsewhere, in: second, way: 0)
        for number in 1...3 {
            _ = walk(dense, number: UInt16(number))
            #expect(table[7, 3].isTombstone)
        }
        #expect(table.replace(elsewhere, by: .none, in: second, way: 0))
        _ = walk(dense, number: 4)
        #expect(table[7, 3] == .none)
    }

    /// Half of the fresh ticks' time has passed, and the idle time is a day.
    @Test func aFlowThatWaitsForItsSecondDatagramIsToldInLongerTicksInTime() {
        let day = Ticks(idleTimeout: .seconds(86_400), clockStep: .zero)
        let start: UInt64 = 1_000_000_000_000_000
        func moment(_ seconds: UInt64) -> TableTime {
            day.at(nanoseconds: start + seconds * 1_000_000_000)
        }
        let seen = UInt64(moment(0).fresh) << UInt64(RELEVO_SEEN_SHIFT)
        let place = UInt64(1) << UInt64(RELEVO_PLACEMENT_SHIFT)
        put(FlowEntry(word: 99 << 40 | seen | place), in: 7, way: 0)
        let dense = TableRegion(bits: 12)
        // Every minute, for a day and a half: the fresh ticks come round every 18 minutes.
        for minute in 1...2160 {
            let now = moment(UInt64(minute) * 60)
            _ = walk(dense, at: now, day)
            let entry = table[7, 0]
            if minute <= 1439 {
                #expect(entry.placement == 1 && !entry.isConfirmed)
                #expect(!day.isIdle(entry, at: now))
                let shift = entry.isCoarse ? day.shift : day.freshShift
                let age = Int(entry.age(at: now)) << Int(shift)
                let off = age - minute * 60_000_000_000
                #expect(off.magnitude < 2 << day.shift)
            }
            if minute >= 1470 { #expect(entry == .none) }
        }
    }

    private func walk(
        _ region: TableRegion, at now: TableTime, _ ticks: Ticks
    ) -> TableSweep {
        var isOpen = [Bool](repeating: false, count: Int(RELEVO_PLACEMENTS))
        isOpen[1] = true
        var walk = TableSweep(
            of: table, region: region, now: now, ticks: ticks, number: 1, isOpen: isOpen,
            mayMove: true)
        walk.run()
        return walk
    }

    private func walk(
        _ region: TableRegion, number: UInt16 = 1, mayMove: Bool = true
    ) -> TableSweep {
        var isOpen = [Bool](repeating: false, count: Int(RELEVO_PLACEMENTS))
        isOpen[1] = true
        var walk = TableSweep(
            of: table, region: region, now: now, ticks: ticks, number: number, isOpen: isOpen,
            mayMove: mayMove)
        walk.run()
        return walk
    }

    private func entry(_ hash: UInt64, placement: UInt64 = 1) -> FlowEntry {
        FlowEntry(
            word: (hash >> 32) << 32 | UInt64(now.fresh) << UInt64(RELEVO_SEEN_SHIFT)
                | placement << UInt64(RELEVO_PLACEMENT_SHIFT))
    }

    private func put(_ entry: FlowEntry, in bucket: Int, way: Int) {
        precondition(table.replace(.none, by: entry, in: bucket, way: way))
    }

    private func entries(in bucket: Int) -> [FlowEntry] {
        (0..<TableShape.ways).map { table[bucket, $0] }.filter { $0 != .none && !$0.isTombstone }
    }
}
