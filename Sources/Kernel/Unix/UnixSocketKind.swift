import Glibc

/// What a connected local socket carries.
package enum UnixSocketKind: Hashable, Sendable {
    /// Bytes without borders.
    case stream
    /// Whole messages, in order.
    case sequencedPacket

    var type: __socket_type {
        switch self {
        case .stream: SOCK_STREAM
        case .sequencedPacket: SOCK_SEQPACKET
        }
    }
}
