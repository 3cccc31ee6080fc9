import TestSeeds

/// Numbers that look random and are the same for the same seed.
package struct SeededRandom: RandomNumberGenerator {
    private var generator: SeededGenerator

    /// A seed in a report replays only as long as this stays as it is.
    package init(seed: UInt64) {
        // The generator's own step times a number would be its row begun elsewhere.
        var first = SeededGenerator(seed: seed)
        generator = SeededGenerator(seed: first.next())
    }

    package mutating func next() -> UInt64 { generator.next() }

    /// A number below `limit`.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }

    /// True once in so many times.
    mutating func oneIn(_ times: Int) -> Bool { times > 0 && below(times) == 0 }

    mutating func time(_ range: ClosedRange<Int>) -> Duration {
        .microseconds(range.lowerBound + below(range.upperBound - range.lowerBound + 1))
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}
