/// One datagram and where it came from.
package struct ReceivedDatagram: Hashable, Sendable {
    package var bytes: [UInt8]
    package var source: SocketAddress
}
