/// One request and how its sender wants to be answered.
package struct ControlCall: Equatable, Sendable {
    package let request: ControlRequest
    /// The sender takes several replies, all but the last marked `continues`.
    package let more: Bool
    /// The sender takes no reply, not even an error.
    package let oneway: Bool

    package init(_ request: ControlRequest, more: Bool = false, oneway: Bool = false) {
        self.request = request
        self.more = more
        self.oneway = oneway
    }
}
