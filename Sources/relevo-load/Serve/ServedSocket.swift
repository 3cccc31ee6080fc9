import Kernel

/// One UDP socket that a server reads, with room for a batch of datagrams.
final class ServedSocket {
    let socket: DatagramSocket
    let batch: FlowBatch

    init(_ socket: consuming DatagramSocket) throws {
        let address = try socket.localAddress()
        // Answers from a wildcard address must leave from the address that was asked.
        if address.isWildcard { try socket.tellLocalAddresses(isIPv6: address.isIPv6) }
        self.socket = socket
        batch = FlowBatch(capacity: 64, slotSize: 2048, isIPv6: address.isIPv6)
    }
}
