/// How long an operation's last reply is held back.
package enum Wait: String, CaseIterable, Codable, Sendable {
    /// Not at all: the request is taken.
    case none
    /// Until the new generation is current.
    case flip
    /// Until the old generation has ended.
    case drained
}
