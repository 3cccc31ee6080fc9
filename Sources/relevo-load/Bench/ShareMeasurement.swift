import Kernel
import Steering

/// How near the share of clients that a canary gets is to the one asked for.
struct ShareMeasurement {
    /// How many clients are counted, each one address of 127.0.0.0/8.
    let clients: Int
    private static let firstAddress: UInt32 = 0x7f10_0001

    /// - Parameter shares: in percent.
    func measure(_ shares: [Int]) throws -> [Bar] {
        let group = try SteeredGroup(sockets: 4)
        let client = try DatagramSocket.bound(
            to: .ipv4(0, port: 0), options: DatagramSocketOptions(reusePort: false))
        let target = try group.address()
        var next = Self.firstAddress
        return try shares.map { share in
            let canary = SteeringCanary(
                slots: [2, 3], millionths: share * 10_000, key: .random(in: .min ... .max))
            try group.steering.steerNewFlows(to: [0, 1], canary: canary)
            var found = 0
            var all = 0
            let batch = DatagramBatch(capacity: 64, datagramSize: 8)
            var left = clients
            while left > 0 {
                let part = min(left, batch.capacity)
                for index in 0..<part {
                    batch[bytes: index] = [0, 0, 0, 0, 0, 0, 0, 0]
                    batch[peer: index] = target
                    batch[local: index] = .ipv4(next, port: 0)
                    next += 1
                }
                var sent = 0
                while sent < part { sent += try batch.send(through: client, sent..<part) }
                left -= part
                // Loopback has delivered them all by now.
                for slot in 0..<4 {
                    let came = try group.discard(slot)
                    all += came
                    if slot >= 2 { found += came }
                }
            }
            guard all == clients else {
                throw LoadError("\(all) of \(clients) datagrams have come")
            }
            let reached = Double(found) * 100 / Double(clients)
            return Bar(
                name: "share of the clients for \(share)%", value: .number(reached),
                text: "\(reached.digits)%", demand: "within 1 % of all clients",
                isMet: abs(reached - Double(share)) <= 1)
        }
    }
}
