package import Kernel

/// A client with a port of its own: one flow.
package struct Question: ~Copyable {
    private let socket: DatagramSocket

    package init(to address: SocketAddress) throws(KernelError) {
        let socket = try DatagramSocket(for: address)
        try socket.connect(to: address)
        self.socket = socket
    }

    /// Where its datagrams come from.
    package borrowing func localAddress() throws(KernelError) -> SocketAddress {
        try socket.localAddress()
    }

    /// Sends a datagram and waits for the answer; nil when none came.
    package borrowing func ask(
        _ text: String = "?", within limit: Duration = .seconds(20)
    ) throws(KernelError) -> String? {
        try say(text)
        return try answer(within: limit)
    }

    /// Sends a datagram.
    package borrowing func say(_ text: String) throws(KernelError) {
        try socket.send(Array(text.utf8))
    }

    /// Waits for an answer; nil when none came.
    package borrowing func answer(
        within limit: Duration = .seconds(20)
    ) throws(KernelError) -> String? {
        try socket.receive(within: limit).map { String(decoding: $0.bytes, as: UTF8.self) }
    }
}
