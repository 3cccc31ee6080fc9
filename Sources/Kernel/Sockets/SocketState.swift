/// The states of TCP by the kernel's numbers (net/tcp_states.h).
package enum SocketState: UInt8, CaseIterable, Sendable {
    case established = 1
    case synSent, synReceived, finWait1, finWait2, timeWait, closed, closeWait, lastAck, listening,
        closing, newSynReceived

    /// Those in which the peer of a connection may still send.
    package static let open: Set<SocketState> = [.established, .finWait1, .finWait2]
}
