import HandoverCore
import TestSeeds
import Testing

@testable import ServiceCore

/// When something is due for whom, among many that change.
@Suite struct DeadlinesTests {
    @Test func theyAreThoseThatWereSetLast() {
        var random = SeededGenerator(seed: 3)
        var deadlines = Deadlines<Int>()
        var plain: [Int: Instant] = [:]
        for _ in 0..<20_000 {
            let key = Int.random(in: 0..<12, using: &random)
            let time = [nil, Int.random(in: 0..<40, using: &random)].randomElement(using: &random)
                .flatMap { $0 }.map { Instant(sinceStart: .seconds($0)) }
            deadlines.set(key, to: time)
            plain[key] = time
            #expect(deadlines.earliest == plain.values.min())
            let now = Instant(sinceStart: .seconds(Int.random(in: 0..<40, using: &random)))
            #expect(deadlines.due(at: now) == plain.filter { $0.value <= now }.keys.sorted())
        }
    }

    @Test func whoPutsItOffWithoutEndTakesNoMemory() {
        var deadlines = Deadlines<Int>()
        deadlines.set(0, to: Instant(sinceStart: .zero))
        for second in 0..<10_000 { deadlines.set(1, to: Instant(sinceStart: .seconds(second))) }
        #expect(deadlines.heap.count < 100)
        #expect(deadlines.due(at: Instant(sinceStart: .seconds(9999))) == [0, 1])
    }
}
