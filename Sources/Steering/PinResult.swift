/// What came of pinning a flow, or ending it, by hand.
package enum PinResult: Equatable, Sendable {
    case done
    /// There is no room, not even in the place of a flow of a single datagram.
    case full
    /// No flow is remembered.
    case unsupported
}
