import Testing

@testable import HandoverCore

/// When a drain is likely to end.
@Suite struct DrainPaceTests {
    private static let start = Instant(sinceStart: .seconds(1000))

    /// Counts once a second.
    private static func pace(_ counts: [Int]) -> DrainPace {
        var pace = DrainPace()
        for (second, count) in counts.enumerated() {
            pace.note(count, at: start + .seconds(second))
        }
        return pace
    }

    private static func secondsLeft(_ counts: [Int], keeping keep: Int = 0) -> Double? {
        pace(counts).likelyEnd(keeping: keep).map {
            let left = $0 - (start + .seconds(counts.count - 1))
            return Double(left.components.seconds) + Double(left.components.attoseconds) * 1e-18
        }
    }

    @Test func itIsReckonedFromTheRateAtWhichSessionsEnd() {
        #expect(Self.secondsLeft([100, 90, 80, 70, 60, 50, 40]) == 4)
        #expect(Self.secondsLeft([100, 90, 80, 70, 60, 50, 40], keeping: 20) == 2)
    }

    @Test(arguments: [
        [], [100], [100, 90, 80],
        // None has ended, or others have come.
        [100, 100, 100, 100, 100, 100], [100, 100, 100, 100, 110, 120],
        // None has ended in the second half.
        [100, 50, 10, 10, 10, 10, 10, 10, 10],
    ])
    func whereNothingTellsItIsUnknown(counts: [Int]) {
        #expect(Self.secondsLeft(counts) == nil)
    }

    @Test func whatEndsInTheLastHalfTells() {
        // 1,000 in the first half, then one in two seconds.
        let counts = (0..<20).map { 1020 - 50 * $0 } + (0..<20).map { 20 - $0 / 2 }
        let left = Self.secondsLeft(counts)
        #expect(left.map { (18...24).contains($0) } == true, "\(left ?? -1)")
    }

    @Test func aDrainThatMayEndIsLikelyToEndNow() {
        #expect(Self.secondsLeft([3], keeping: 3) == 0)
    }

    @Test func aLongDrainIsRememberedInFewCounts() throws {
        let pace = Self.pace((0..<100_000).map { 200_000 - $0 })
        let end = try #require(pace.likelyEnd(keeping: 0))
        let left = end - (Self.start + .seconds(99_999))
        #expect(left == .seconds(100_001))
        #expect(Mirror(reflecting: pace).descendant("counts").map { "\($0)".count < 4000 } == true)
    }

    @Test func rubbishTrapsNowhere() {
        #expect(Self.secondsLeft([.max, 5, .max, 1, 0, .max, 3, 2]) == nil)
        var pace = DrainPace()
        pace.note(1 << 40, at: Self.start)
        pace.note((1 << 40) - 1, at: Self.start + .seconds(100))
        #expect(pace.likelyEnd(keeping: 0) == nil)
    }
}
