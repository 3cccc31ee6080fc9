import Kernel

/// One socket that datagrams are sent from.
final class SourceSocket {
    let socket: DatagramSocket
    /// Never used twice in a run.
    let ordinal: Int
    var token: EventLoop.Token?

    /// Big enough for every answer that can be under way in a run of any sane rate.
    private static let receiveBuffer = 16 << 20

    init(
        _ ordinal: Int, towards target: SocketAddress, reportsLocal: Bool
    ) throws(KernelError) {
        self.ordinal = ordinal
        let any: SocketAddress = target.isIPv6 ? .ipv6(0, port: 0, scope: 0) : .ipv4(0, port: 0)
        socket = try DatagramSocket.bound(
            to: any,
            options: DatagramSocketOptions(
                reusePort: false, receiveBuffer: Self.receiveBuffer, sendBuffer: 4 << 20,
                nonBlocking: true))
        try socket.reportRefusals()
        if reportsLocal { try socket.reportLocalAddresses() }
    }
}
