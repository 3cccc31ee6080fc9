import Kernel
import Steering

/// One client that sends from as many loopback addresses as there are flows.
final class SteeringTraffic {
    /// What a run over a subject cost.
    struct Cost {
        /// Nanoseconds a datagram in the program, by the kernel's statistics; nil without one.
        var program: Double?
        /// Nanoseconds of processor time a datagram for sending, receiving and all in between.
        var loop: Double
    }

    private let client: DatagramSocket
    private let batch = DatagramBatch(capacity: 64, datagramSize: 64)
    /// The flows in an order that no cache can guess.
    private let order: [UInt32]
    private var positions: [SteeringSubject.Kind: Int] = [:]

    init(flows: Int) throws {
        let options = DatagramSocketOptions(reusePort: false, sendBuffer: 4 << 20)
        client = try DatagramSocket.bound(to: .ipv4(0, port: 0), options: options)
        order = (0..<UInt32(flows)).map { $0 }.shuffled()
        for index in 0..<batch.capacity { batch[length: index] = 32 }
    }

    /// Sends one datagram of every flow.
    func sendAll(to subject: SteeringSubject) throws {
        try send(order.count, to: subject)
    }

    /// Sends datagrams, each of another flow, and measures them.
    func measure(_ count: Int, to subject: SteeringSubject) throws -> Cost {
        try send(min(count / 8, order.count), to: subject)
        let (before, start) = (try subject.statistics(), ProcessorTime.ofThread())
        try send(count, to: subject)
        let (after, end) = (try subject.statistics(), ProcessorTime.ofThread())
        let program = before.flatMap { before in
            after.map { ($0 - before).nanosecondsPerRun }
        }
        return Cost(program: program, loop: (end - start) / .nanoseconds(count))
    }

    private func send(_ count: Int, to subject: SteeringSubject) throws {
        var (left, position) = (count, positions[subject.kind] ?? 0)
        while left > 0 {
            let size = min(left, batch.capacity)
            for index in 0..<size {
                batch[peer: index] = subject.address
                batch[local: index] = .ipv4(0x7F00_0001 + order[position], port: 0)
                position = position + 1 < order.count ? position + 1 : 0
            }
            var sent = 0
            while sent < size { sent += try batch.send(through: client, sent..<size) }
            try subject.drain()
            left -= size
        }
        positions[subject.kind] = position
    }
}
