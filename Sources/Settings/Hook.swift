/// A command that is run when something has happened to a generation.
package struct Hook: Equatable, Sendable {
    /// What has happened.
    package enum Occasion: String, CaseIterable, Sendable {
        /// All workers of a new generation are ready.
        case ready
        /// New flows go to it.
        case flipped
        /// A generation has no session left that it waits for, or its time is over.
        case drained
        /// A handover or a start came to nothing.
        case failed
        /// New flows go to the former generation again.
        case rolledback
    }

    package let occasion: Occasion
    /// The program and its arguments, taken literally.
    package let command: [String]

    package init(_ occasion: Occasion, _ command: [String]) {
        self.occasion = occasion
        self.command = command
    }

    static func parse(_ text: String) throws(ValueError) -> Hook {
        let words = try Words.split(text)
        let occasion = try Occasion.named(words.first ?? "", "an occasion of a hook")
        guard let program = words.dropFirst().first, !program.isEmpty else {
            let word = occasion.rawValue
            throw ValueError("\(word) needs a command, \(word) /usr/bin/tell --its-args say")
        }
        return Hook(occasion, Array(words.dropFirst()))
    }

    package var text: String { Words.join([occasion.rawValue] + command) }
}
