package import Kernel
import Synchronization

/// A client with a port of its own: one flow. No other question had it: to the kernel a port that is free is as good
/// as a new one, and what came from it before would still be a flow.
package struct Question: ~Copyable {
    private static let used = Mutex<Set<UInt16>>([])
    /// More than there are is no port new any more.
    private static let mostTries = 100

    private let socket: DatagramSocket

    package init(to address: SocketAddress) throws(KernelError) {
        var socket = try DatagramSocket(for: address)
        try socket.connect(to: address)
        var tries = 1
        while tries < Self.mostTries {
            let port = try socket.localAddress().port
            if Self.used.withLock({ $0.insert(port).inserted }) { break }
            socket = try DatagramSocket(for: address)
            try socket.connect(to: address)
            tries += 1
        }
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

    /// Sends a datagram of these bytes and waits for the answer; nil when none came.
    package borrowing func ask(
        _ bytes: [UInt8], within limit: Duration = .seconds(20)
    ) throws(KernelError) -> String? {
        try socket.send(bytes)
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
