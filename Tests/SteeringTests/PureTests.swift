import SteeringABI
import Testing

@testable import Steering

struct TicksTests {
    @Test func aMinuteIsCountedInTicksOfThirtyFourMilliseconds() {
        let ticks = Ticks(idleTimeout: .seconds(60), clockStep: .milliseconds(4))
        #expect(ticks.shift == 25 && ticks.freshShift == 21)
        #expect(1780...1790 ~= ticks.idle)
        #expect(ticks.recent == 2384)
    }

    @Test(arguments: [1, 60, 3600, 604_800])
    func anotherIdleTimeIsToldInTheSameTicks(seconds: Int) throws {
        let ticks = Ticks(idleTimeout: .seconds(seconds), clockStep: .milliseconds(4))
        for part in 1...16 {
            for time in [Duration.seconds(seconds) * part, .seconds(seconds) / part] {
                let other = try #require(ticks.with(idleTimeout: time))
                #expect(other.areSound)
                #expect(other.shift == ticks.shift && other.freshShift == ticks.freshShift)
                #expect(other.confirm == ticks.confirm)
                let told = Int(other.idle) << Int(other.shift)
                #expect((told - time.nanoseconds).magnitude * 16 <= time.nanoseconds)
                #expect(other.with(idleTimeout: .seconds(seconds)) == ticks)
            }
        }
        #expect(ticks.with(idleTimeout: .seconds(seconds) * 40) == nil)
        #expect(ticks.with(idleTimeout: .seconds(seconds) / 200) == nil)
    }

    @Test func withIDsTheLowerBitsAreNeeded() throws {
        let ticks = Ticks(idleTimeout: .seconds(120), clockStep: .zero, honoured: 2)
        #expect(ticks.idle >= 1 << 13)
        #expect(ticks.with(idleTimeout: .seconds(300)) == nil)
        let shorter = try #require(ticks.with(idleTimeout: .seconds(30)))
        #expect(shorter.idle == ticks.idle / 4)
    }

    @Test(arguments: [1, 60, 3600, 86_400, 604_800, 10_000_000])
    func theIdleTimeNeverFillsHalfOfWhatAnEntryCanTell(seconds: Int) {
        let ticks = Ticks(idleTimeout: .seconds(seconds), clockStep: .zero)
        #expect(ticks.areSound)
        // What it is in ticks is at most a few thousandths off.
        let told = Int(ticks.idle) << Int(ticks.shift)
        #expect((told - seconds * 1_000_000_000).magnitude * 500 <= seconds * 1_000_000_000)
    }

    @Test(arguments: [60, 3600, 86_400, 604_800])
    func confirmationTakesAFewHundredthsOfASecondWhateverTheIdleTime(seconds: Int) {
        let ticks = Ticks(idleTimeout: .seconds(seconds), clockStep: .milliseconds(4))
        #expect(Int(ticks.confirm) << Int(ticks.freshShift) < 40_000_000)
        let recent = Int(ticks.recent) << Int(ticks.freshShift)
        #expect(4_900_000_000...5_000_000_000 ~= recent)
    }

    @Test(arguments: [0, 1, 4, 10])
    func confirmationWaitsForAMillisecondWhateverTheClock(stepMilliseconds: Int) {
        let step = stepMilliseconds * 1_000_000
        let ticks = Ticks(idleTimeout: .seconds(60), clockStep: .nanoseconds(step))
        // Two readings that are `confirm` ticks apart differ by more than this.
        let read = (Int(ticks.confirm) - 1) << Int(ticks.freshShift)
        // The coarse clock shows whole steps, and may be a step behind at the first reading.
        let steps = step == 0 ? 0 : (read / step + 1) * step
        let passed = step == 0 ? read : steps - step
        #expect(passed >= 1_000_000)
    }
}

struct TableShapeTests {
    @Test func aMillionFlowsTakeThirtyTwoMebibytes() {
        #expect(TableShape(maxFlows: 1_048_576).bytes == 32 << 20)
        #expect(TableShape(maxFlows: 1_000_000).bytes == 32 << 20)
    }

    @Test func aTableIsFilledToAQuarterAtMost() {
        for maxFlows in [1, 2048, 2049, 8192, 100_000, 1_000_001] {
            let shape = TableShape(maxFlows: maxFlows)
            #expect(shape.buckets * TableShape.ways >= 4 * maxFlows)
        }
    }

    @Test func growingAndShrinkingDoNotFollowEachOther() {
        let shape = TableShape(maxFlows: 1_048_576)
        for flows in stride(from: 0, to: 1_048_576, by: 997) {
            for bits in TableShape.denseBits...shape.bits {
                let wanted = shape.suitableBits(for: flows, now: bits)
                #expect(shape.suitableBits(for: flows, now: wanted) == wanted)
            }
        }
    }
}

struct TableRegionTests {
    @Test func aRegionIsTheSameAfterItsWayThroughTheProgramsWord() {
        for region in [
            TableRegion(bits: 12), TableRegion(bits: 16, leaving: [12]),
            TableRegion(bits: 19, leaving: [16, 12]),
        ] {
            #expect(TableRegion(word: region.word) == region)
        }
        // The program grows by shifting what was there.
        let grown = TableRegion(bits: 16, leaving: [12]).word << 8 | 19
        #expect(TableRegion(word: grown) == TableRegion(bits: 19, leaving: [16, 12]))
    }
}

struct PlacementTests {
    @Test func aNumberIsNotUsedAgainBeforeASweep() throws {
        var placements = Placements()
        let seat = Seat(member: 7, slot: 3)
        var seen: Set<Int> = []
        for _ in 1..<Int(RELEVO_PLACEMENTS) {
            let opened = placements.open(seat)
            let number = try #require(opened)
            let isFresh = seen.insert(number).inserted
            #expect(isFresh)
            let closed = placements.close(seat)
            #expect(closed == number)
        }
        let none = placements.open(seat)
        #expect(none == nil)
        placements.swept(placements.stale)
        let again = placements.open(seat)
        #expect(again != nil)
        #expect(!seen.contains(0))
    }
}

struct FlowEntryTests {
    /// An entry's bucket and the entry tell all candidates, wherever it lies.
    @Test func candidatesAreTheSameFromEachOfThem() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let hash = random.next()
            let tag = (hash >> 32) << 32
            for bits in [12, 14, 19] {
                let mask = TableRegion(bits: bits).mask
                let here = relevo_hash_of(tag, UInt32(hash & 4095))
                #expect(here == tag | hash & 4095)
                let second = FlowEntry(word: tag | UInt64(RELEVO_SECOND))
                let expected = FlowEntry(word: tag).candidates(in: Int(relevo_first(hash) & mask))
                #expect(second.candidates(in: Int(relevo_second(hash) & mask)) == expected)
                #expect(
                    FlowEntry(word: tag).candidates(in: Int(relevo_third(hash) & mask)) == expected)
                #expect(expected.first == relevo_first(here))
            }
        }
    }

    @Test func anEntrySeenALittleInTheFutureIsNotOld() {
        let fresh = FlowEntry(word: UInt64(1000) << UInt64(RELEVO_SEEN_SHIFT) | 1 << 3)
        let coarse = FlowEntry(word: fresh.word | UInt64(RELEVO_COARSE))
        for (time, age) in [(UInt16(990), UInt32(0)), (1000, 0), (1300, 300)] {
            #expect(fresh.age(at: TableTime(fresh: time, coarse: 5)) == age)
            #expect(coarse.age(at: TableTime(fresh: 5, coarse: time)) == age)
        }
    }
}
