/// What became of a request.
package enum Answer: Hashable, Codable, Sendable {
    /// This generation is current.
    case current(GenerationID)
    case done
    /// It was not begun, and why.
    case refused(String)
    /// No generation came before the current one.
    case nothingToRollBackTo
    /// It was begun and undone, and why.
    case failed(String)
}
