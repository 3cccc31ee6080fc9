import ArgumentParser
import Kernel

/// `relevo-load binder`: the server of `bench bind`, which knows of no supervisor.
struct Binder: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Binds an address again and again, tells how long that took, and echoes.",
        shouldDisplay: false)

    @Argument(help: "The address to bind.")
    var address: AddressOption

    @Option(help: "Where the times are written, nanoseconds a line: the address, another one.")
    var times: String?

    @Option(help: ArgumentHelp("How often each is bound.", valueName: "n"))
    var count = 1000

    @Flag(help: "Take the socket from the supervisor.")
    var inherit = false

    func run() throws {
        try LoadError.reported {
            if let times {
                var other = address.address
                other.port = 0
                var lines: [String] = []
                for _ in 0..<count {
                    lines.append("\(try bind(address.address)) \(try bind(other))")
                }
                let text = lines.joined(separator: "\n") + "\n"
                try writeFile(times, Array(text.utf8), mode: 0o600)
            }
            let socket = try server()
            // One datagram a call: what a system call costs more would show.
            let batch = DatagramBatch(capacity: 1)
            while true { _ = try batch.exchange(on: socket, waiting: true) { batch[length: $0] } }
        }
    }

    private func server() throws -> DatagramSocket {
        if inherit, let descriptor = inheritedDescriptor(3) {
            return DatagramSocket(adopting: descriptor)
        }
        return try DatagramSocket.bound(
            to: address.address, options: DatagramSocketOptions(reusePort: false))
    }

    /// Nanoseconds that the call alone took.
    private func bind(_ address: SocketAddress) throws -> UInt64 {
        let socket = try DatagramSocket(
            for: address, options: DatagramSocketOptions(reusePort: false))
        let start = MonotonicClock.nanoseconds()
        try socket.bind(to: address)
        return MonotonicClock.nanoseconds() - start
    }
}
