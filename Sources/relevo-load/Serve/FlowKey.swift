import Kernel

/// What tells a server's flows apart: the peer and the local address it spoke to, where told.
struct FlowKey: Hashable {
    let peer: SocketAddress?
    let local: SocketAddress?
}
