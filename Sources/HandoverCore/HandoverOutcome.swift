/// How a handover ended, or is about to end.
package enum HandoverOutcome: Hashable, Codable, Sendable {
    case completed
    /// The new generation never got current.
    case failed(reason: String)
    /// The new generation was current and the old one is again.
    case rolledBack(reason: String)
}
