/// What becomes of a generation whose workers join by themselves.
package enum JoinPolicy: String, CaseIterable, Sendable {
    /// It is current as soon as it is ready.
    case newest
    /// It waits until an upgrade is asked for.
    case manual

    static func parse(_ text: String) throws(ValueError) -> JoinPolicy {
        try named(text, "a join policy")
    }
}
