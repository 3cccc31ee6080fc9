/// An id of a session that leads to the worker that made it, wherever its datagrams come from, also when it has
/// never been seen: a QUIC connection id for `Steering=quic`.
///
///     0     configuration (3 bits), how many bytes follow (5 bits)
///     1     server: of a load balancer in front, 0 to 9 bytes
///           nonce: 8 bytes, or as many as there is room for, 4 at least
///           stay: 2 bytes, the high one first
///           tag: 4 bytes of SipHash-1-3 over all before it, the low one first
///
/// That is the frame of draft-ietf-quic-load-balancers (section 5.1): a load balancer that knows the length of
/// its server ids reads them in plaintext, and what follows is their nonce. The stay is one of a socket in its
/// slot; the tag is made with a key that the supervisor gives the stay's worker alone. So nobody else makes an id
/// that is heeded, and those of a stay that is over lead nowhere.
public struct RoutableID: Equatable, Sendable {
    /// The id itself, 11 to 20 bytes.
    public let bytes: [UInt8]
    private let serverLength: Int

    /// Reads an id, whoever made it. nil for one of another form: the configuration is 7, the first byte
    /// tells another length, or the lengths do not fit.
    ///
    /// - Parameter serverLength: of the server ids of a load balancer in front, 0 to 9.
    public init?(reading id: [UInt8], serverLength: Int = 0) {
        guard id.isRoutable, 0...id.count - 11 ~= serverLength else { return nil }
        bytes = id
        self.serverLength = serverLength
    }

    /// Which of a deployment's configurations it was made with, 0 to 6.
    public var configuration: UInt8 { bytes[0] >> 5 }

    /// What a load balancer in front knows its server by; empty where there is none.
    public var server: [UInt8] { Array(bytes[1..<1 + serverLength]) }

    /// The stay that it leads to, 1 to 4095; 0 for one that was made without a supervisor and leads nowhere.
    public var stay: UInt16 { bytes.namedStay }
}
