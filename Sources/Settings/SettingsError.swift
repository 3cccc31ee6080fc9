/// One mistake in a settings file, at its place.
package struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1; the first line of a continued one.
    package let line: Int
    /// What is wrong and what to do about it.
    package let message: String

    package init(file: String, line: Int, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    package var description: String { "\(file):\(line): \(message)" }
}

/// Everything that is wrong with a service's settings; never empty.
package struct SettingsErrors: Error, Equatable, Sendable {
    package let errors: [SettingsError]

    package init(errors: [SettingsError]) { self.errors = errors }
}
