/// A time after which something is cut short, or never.
package enum TimeLimit: Hashable, Sendable {
    case after(Duration)
    case infinity

    /// Reads a duration or the word `infinity`.
    package static func parse(_ text: String) throws(ValueError) -> TimeLimit {
        if text == "infinity" { return .infinity }
        return .after(try Duration.parse(text, alsoInfinity: true))
    }

    var text: String {
        switch self {
        case .after(let time): time.settingsText
        case .infinity: "infinity"
        }
    }
}
