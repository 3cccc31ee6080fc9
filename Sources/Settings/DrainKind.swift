/// What a drain may wait for.
package enum DrainKind: String, CaseIterable, Hashable, Sendable {
    /// Live flows of the listeners' own sockets.
    case flows
    /// Accepted TCP connections.
    case connections
    /// UDP sockets at a listener's address that are connected to one peer.
    case connected
    /// UDP sockets at ports that the server has bound for itself while it served.
    case ports
    /// What workers say of their sessions.
    case reported

    static func parse(_ text: String) throws(ValueError) -> DrainKind {
        try named(text, "a kind of session")
    }
}
