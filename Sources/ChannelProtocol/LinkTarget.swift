/// The generation that a worker wants a link to.
package enum LinkTarget: Equatable, Sendable {
    case generation(Int)
    case current
    /// The newest living one before the worker's own.
    case older
    /// The oldest living one after it.
    case newer

    /// As it is written; nil for what is none.
    init?(_ text: String, number: () -> Int?) {
        switch text {
        case "current": self = .current
        case "older": self = .older
        case "newer": self = .newer
        default:
            guard let number = number() else { return nil }
            self = .generation(number)
        }
    }

    var text: String {
        switch self {
        case .generation(let number): String(number)
        case .current: "current"
        case .older: "older"
        case .newer: "newer"
        }
    }
}
