import Kernel

/// What tells a server's flows apart: the peer and the local address it spoke to.
struct FlowKey: Hashable {
    let peerHigh: UInt64
    let peerLow: UInt64
    let localHigh: UInt64
    let localLow: UInt64
    let port: UInt16

    init(peer: FlowEndpoint, local: FlowEndpoint) {
        peerHigh = peer.high
        peerLow = peer.low
        port = peer.port
        localHigh = local.high
        localLow = local.low
    }
}
