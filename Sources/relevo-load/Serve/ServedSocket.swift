import Kernel

/// One UDP socket that a server reads, with room for a batch of datagrams.
final class ServedSocket {
    let socket: DatagramSocket
    let batch = DatagramBatch(capacity: 64)

    init(_ socket: consuming DatagramSocket) throws {
        let address = try socket.localAddress()
        // Answers from a wildcard address must leave from the address that was asked.
        if address.isWildcard { try socket.reportLocalAddresses() }
        self.socket = socket
    }
}
