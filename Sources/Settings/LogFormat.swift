/// What the supervisor's log looks like where no journal reads it.
package enum LogFormat: String, CaseIterable, Sendable {
    case text
    /// One object a line.
    case json

    static func parse(_ text: String) throws(ValueError) -> LogFormat {
        try named(text, "a format of the log")
    }
}
