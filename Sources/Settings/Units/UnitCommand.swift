/// A command of a unit, systemd.service(5): what stands before the program, and the words as they are before
/// the service manager puts variables and specifiers in.
package struct UnitCommand: Equatable, Sendable {
    /// Any of `@ - : + !`, in the order that they were written in.
    package var prefix: String
    package var words: [String]

    package init(prefix: String = "", words: [String]) {
        self.prefix = prefix
        self.words = words
    }

    package init(parsing text: String) throws(ValueError) {
        let marks = text.prefix { Self.marks.contains($0) }
        prefix = String(marks)
        words = try Words.split(String(text.dropFirst(marks.count)))
        if words.contains(";") {
            throw ValueError("it is several commands, with ; between them")
        }
        if prefix.contains("@") {
            // The word behind the program is the name by which it is called.
            guard words.count > 1 else {
                throw ValueError("a program with @ wants its name behind it")
            }
            words.remove(at: 1)
        }
        guard !words.isEmpty else { throw ValueError("there is no program in it") }
    }

    /// Whether the program keeps its privileges in spite of User=.
    package var isPrivileged: Bool { prefix.contains("!") || prefix.contains("+") }

    /// What stands before a program that is started in the place of this one: its privileges, and whether
    /// variables are put in.
    package var passedPrefix: String { prefix.filter { $0 != "@" && $0 != "-" } }

    /// As a unit has it.
    package var text: String { prefix + Words.join(words) }

    private static let marks: Set<Character> = ["@", "-", ":", "+", "!", "|"]
}
