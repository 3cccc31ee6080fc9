/// A version that is many files: a folder of its own, which `{release}` in a command stands for.
package enum Release {
    private static let placeholder = "{release}"
    private static let literal = "{{release}}"

    /// The command with the folder in it; `{{release}}` is the literal `{release}`.
    package static func fill(_ command: [String], with folder: String) -> [String] {
        command.map { word in
            var filled = ""
            var rest = word[...]
            while let brace = rest.firstIndex(of: "{") {
                filled += rest[..<brace]
                rest = rest[brace...]
                if rest.hasPrefix(literal) {
                    filled += placeholder
                    rest = rest.dropFirst(literal.count)
                } else if rest.hasPrefix(placeholder) {
                    filled += folder
                    rest = rest.dropFirst(placeholder.count)
                } else {
                    filled += "{"
                    rest = rest.dropFirst()
                }
            }
            return filled + rest
        }
    }

    /// Whether a command has a place for it.
    package static func isNamed(in command: [String]) -> Bool {
        fill(command, with: "") != fill(command, with: "/")
    }
}

extension ServiceSettings {
    /// The command that a generation is started with.
    package var startedCommand: [String] { Release.fill(command, with: release ?? "") }
}
