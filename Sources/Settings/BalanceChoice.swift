/// Which worker of the newest version gets a new flow.
package enum BalanceChoice: String, CaseIterable, Hashable, Sendable {
    /// The hash of its addresses says.
    case hash
    /// Of two workers that a hash picks the one with fewer datagrams.
    case load

    static func parse(_ text: String) throws(ValueError) -> BalanceChoice {
        try named(text, "a way")
    }
}
