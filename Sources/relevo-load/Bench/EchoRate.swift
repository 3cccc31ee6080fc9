import Kernel

/// How many datagrams a second a server echoes when there is always one waiting for it.
final class EchoRate {
    /// Datagrams under way at any moment.
    private static let window = 64
    private let socket: DatagramSocket

    init(_ server: SocketAddress) throws(KernelError) {
        let socket = try DatagramSocket(
            for: server,
            options: DatagramSocketOptions(reusePort: false, receiveBuffer: 1 << 20))
        try socket.connect(to: server)
        self.socket = socket
    }

    /// Echoes a second, over this time.
    func measured(for length: Duration) throws -> Double {
        let batch = DatagramBatch(capacity: Self.window, datagramSize: 64)
        for index in 0..<Self.window { batch[bytes: index] = [UInt8](repeating: 1, count: 64) }
        _ = try batch.send(through: socket, 0..<Self.window)
        let start = MonotonicClock.now()
        let end = start + length
        var count = 0
        while MonotonicClock.now() < end {
            guard try socket.wait(for: .readable, within: .seconds(5)) else {
                throw LoadError("the server does not echo")
            }
            let got = try batch.receive(from: socket)
            count += got
            // What came in goes out again: the window stays full.
            _ = try batch.send(through: socket, 0..<got)
        }
        return Double(count) / (MonotonicClock.now() - start).seconds
    }
}
