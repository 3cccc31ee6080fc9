/// Where a datagram goes whose session's id was never seen, from an address without a session.
package enum UnknownIDsChoice: String, CaseIterable, Hashable, Sendable {
    /// To the generation that it is most likely of.
    case guess
    /// A copy to each worker that may know it.
    case copy
    /// To the current generation.
    case current

    static func parse(_ text: String) throws(ValueError) -> UnknownIDsChoice {
        try named(text, "a rule")
    }
}
