import ControlProtocol
import Settings

/// What a long operation says while it goes on: a line for each phase, a passing line for the rest.
struct OperationText {
    /// A reader that is no terminal is told of what passes no more often.
    private static let rarely = 10.0

    /// What was told last to a reader that is no terminal, and when.
    private var told: (seconds: Double, generation: Int, left: [Int])?

    /// The lasting line for a phase that is over or for a message, nil for what only passes.
    static func line(_ progress: OperationProgress) -> String? {
        let padded = timed(progress.seconds)
        if !progress.over {
            return progress.message.map { padded + StatusText.printable($0) }
        }
        let told = progress.message.map { " (\(StatusText.printable($0)))" } ?? ""
        return padded + sentence(progress.phase, progress.generation) + told
    }

    /// The settings that an upgrade brings, a line for those that count at the same time.
    static func brought(_ settings: [SettingOutcome]) -> [String] {
        let ways: [(SettingEffect, String)] = [
            (.applied, "as the settings say from now on"),
            (.generation, "with the new generation"),
        ]
        return ways.compactMap { effect, words in
            let names = settings.filter { $0.effect == effect }.map(\.name)
            if names.isEmpty { return nil }
            return StatusText.printable("\(names.joined(separator: ", ")): \(words)")
        }
    }

    /// Those that it does not bring, and what they take; nil where there are none.
    static func left(_ settings: [SettingOutcome]) -> String? {
        func names(_ effect: SettingEffect) -> [String] {
            settings.filter { $0.effect == effect }.map { StatusText.printable($0.name) }
        }
        return StatusText.unfollowed([
            (names(.upgrade), "a reload, or relevo upgrade --config FILE"),
            (names(.restart), Setting.Moment.restart.way), (names(.stop), Setting.Moment.start.way),
        ])
    }

    private static func timed(_ seconds: Double) -> String {
        let time = TimeText.fixed(seconds, 3)
        return String(repeating: " ", count: max(0, 9 - time.utf8.count)) + time + " s  "
    }

    private static func sentence(_ phase: HandoverPhase, _ generation: Int) -> String {
        switch phase {
        case .start: "generation \(generation) started"
        case .ready: "generation \(generation) is ready"
        case .canary: "generation \(generation) gets no new flows any more"
        case .flip: "new flows go to generation \(generation)"
        case .drain: "generation \(generation) is drained"
        case .retire: "generation \(generation) has ended"
        // A phase that only a newer supervisor knows.
        default: "generation \(generation): \(phase)"
        }
    }

    /// A lasting line for a reader that is no terminal, where something has changed.
    mutating func change(_ progress: OperationProgress) -> String? {
        let text = passing(progress)
        let left = [progress.flowsLeft ?? 0, progress.outsideLeft?.total ?? 0]
        if let told, told.generation == progress.generation,
            told.left == left || progress.seconds - told.seconds < Self.rarely
        {
            return nil
        }
        told = (progress.seconds, progress.generation, left)
        return Self.timed(progress.seconds) + text
    }

    /// What is left, for the terminal's last line.
    func passing(_ progress: OperationProgress) -> String {
        var text = "generation \(progress.generation): \(progress.phase)"
        if let flows = progress.flowsLeft {
            let left = ["\(flows) flows"] + (progress.outsideLeft?.parts ?? [])
            text += ", \(left.joined(separator: ", ")) left"
            text += ", \(Self.likelyEnd(progress.secondsLikely))"
        }
        if let limit = progress.secondsLeft { text += ", at most \(TimeText.short(limit))" }
        return text
    }

    /// When a drain will end by itself, as far as that can be told.
    static func likelyEnd(_ seconds: Double?) -> String {
        guard let seconds else { return "end unknown" }
        // Only what does not hold it up is left.
        return seconds < 0.001 ? "about to end" : "about \(TimeText.short(seconds))"
    }
}
