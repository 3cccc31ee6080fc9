import ArgumentParser

/// The commands and options that a program has.
struct KnownWords {
    /// What each command says of itself, by its path.
    private var helps: [String: String] = [:]

    /// The first word that is neither a command of the program nor an option of that command; nil if there is none.
    mutating func fault(
        in arguments: [String], of program: (some ParsableCommand).Type
    ) -> String? {
        var command: any ParsableCommand.Type = program
        var path = Self.name(of: program)
        let own = arguments.prefix { $0 != "--" }
        for (number, word) in own.enumerated() {
            if let next = command.configuration.subcommands.first(where: {
                Self.name(of: $0) == word
            }) {
                command = next
                path += " \(word)"
            } else if word.hasPrefix("-") {
                let option = word.prefix { $0 != "=" }
                let help = helps[path] ?? program.helpMessage(for: command, columns: 200)
                helps[path] = help
                guard help.contains(option) || number == 0 && Self.ofEveryProgram.contains(word)
                else { return "\(path) has no \(option)" }
            } else if number == 0 {
                return "\(path) has no command \(word)"
            }
        }
        return nil
    }

    /// The parser has them, and no help does.
    private static let ofEveryProgram: Set = ["--generate-completion-script"]

    /// As the parser names it.
    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
