/// A flow as a worker names it; addresses as text.
package struct FlowName: Equatable, Sendable {
    /// The number of its listener.
    package var listener: Int
    package var peer: String
    /// Where the peer sends to; nil where the listener's address says it.
    package var local: String?

    package init(listener: Int, peer: String, local: String? = nil) {
        self.listener = listener
        self.peer = peer
        self.local = local
    }
}
