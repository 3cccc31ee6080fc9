/// The number of a generation, from 1, never used twice by one service.
package struct GenerationID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let number: Int

    package init(_ number: Int) {
        self.number = number
    }

    package static func < (left: GenerationID, right: GenerationID) -> Bool {
        left.number < right.number
    }

    package var description: String { "\(number)" }

    package init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}

/// A place for a process in a generation; a restarted worker has the id of the one before it.
package struct WorkerID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let generation: GenerationID
    /// From 0; also the index of its slot in the generation's bank.
    package let index: Int

    package init(_ generation: GenerationID, _ index: Int) {
        self.generation = generation
        self.index = index
    }

    package static func < (left: WorkerID, right: WorkerID) -> Bool {
        (left.generation, left.index) < (right.generation, right.index)
    }

    package var description: String { "\(generation).\(index)" }
}

/// The shell's number for an asked-for change, given back in exactly one `Effect.answer`.
package struct RequestID: Hashable, Codable, Sendable {
    package let number: Int

    package init(_ number: Int) {
        self.number = number
    }

    package init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}

/// A point on a clock that never goes back and outlives a restart of the supervisor.
///
/// The shell reads CLOCK_BOOTTIME, so that a deadline written down by one supervisor means the same
/// to the next.
package struct Instant: Hashable, Comparable, Codable, Sendable {
    /// The time since the clock's arbitrary start.
    package var sinceStart: Duration

    package init(sinceStart: Duration) {
        self.sinceStart = sinceStart
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.sinceStart < right.sinceStart
    }

    /// Later by `wait`, which counts as 0 where it is negative and as 100 years where it is longer, so
    /// that no number from outside can overflow.
    package static func + (instant: Instant, wait: Duration) -> Instant {
        Instant(sinceStart: instant.sinceStart + min(max(wait, .zero), .seconds(3_153_600_000)))
    }

    /// The time from `right` to `left`, negative where `left` is the earlier.
    package static func - (left: Instant, right: Instant) -> Duration {
        left.sinceStart - right.sinceStart
    }
}
