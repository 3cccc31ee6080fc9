package import Kernel

/// A flow by its addresses, as its datagrams carry them.
package struct FlowTuple: Hashable, Sendable {
    /// Where its datagrams come from.
    package let peer: SocketAddress
    /// Where they go to; the port is the listener's and says nothing.
    package let local: SocketAddress

    /// - Returns: nil where the two are of different families, so that no datagram has both.
    package init?(peer: SocketAddress, local: SocketAddress) {
        self.peer = peer.unmapped
        self.local = local.unmapped
        guard self.peer.isIPv6 == self.local.isIPv6 else { return nil }
    }
}
