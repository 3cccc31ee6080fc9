import Kernel
import Steering

/// The same flows to two groups of sockets, whose new flows are placed in two ways.
final class BalanceRun {
    private struct Side {
        let balance: Balance
        let group: SteeredGroup
        let address: SocketAddress
        var counts: [Int]
        /// Of each second, how far the busiest was above the mean.
        var excess: [Double] = []
    }

    private static let firstAddress: UInt32 = 0x7f10_0001
    /// How often flows send what is due.
    private static let step = Duration.milliseconds(10)

    private(set) var sent: UInt64 = 0
    private(set) var lost: UInt64 = 0
    private var flows: UnevenFlows
    private var sides: [Side]
    private let workers: Int
    private let client: DatagramSocket
    private let batch = DatagramBatch(capacity: 64, datagramSize: 8)
    private let loop: EventLoop
    private let start = MonotonicClock.now()
    private var time = Duration.zero
    private var filled = 0

    init(_ flows: UnevenFlows, workers: Int) throws {
        self.flows = flows
        self.workers = workers
        loop = try EventLoop()
        client = try DatagramSocket.bound(
            to: .ipv4(0, port: 0), options: DatagramSocketOptions(reusePort: false))
        sides = try Balance.allCases.map { balance in
            let group = try SteeredGroup(sockets: workers, balance: balance)
            try group.steering.steerNewFlows(to: Array(0..<workers))
            return Side(
                balance: balance, group: group, address: try group.address(),
                counts: [Int](repeating: 0, count: workers))
        }
    }

    var opened: UInt64 { UInt64(flows.opened) }

    /// In percent, on average over the seconds.
    func excess(of balance: Balance) -> Double {
        let seconds = sides.first { $0.balance == balance }?.excess ?? []
        return seconds.reduce(0, +) / Double(max(1, seconds.count)) * 100
    }

    func warmUp(for duration: Duration) throws {
        try run(until: time + duration, "until it is even")
        for index in sides.indices { sides[index].excess = [] }
    }

    func measure(for duration: Duration) throws { try run(until: time + duration, "measuring") }

    private func run(until end: Duration, _ what: String) throws {
        let progress = ProgressLine(in: loop) { [unowned self] in
            let far = excess(of: .load).digits
            return "\(what)  \(Int(time / .seconds(1))) s  by load \(far)%"
        }
        progress.begin()
        var nextSecond = time + .seconds(1)
        while time < end {
            try waitForStep()
            let now = MonotonicClock.now() - start
            try flows.advance(from: time, to: now) { try send($0) }
            try flush()
            time = now
            if now >= nextSecond {
                endSecond()
                nextSecond += .seconds(1)
            }
        }
        progress.end()
    }

    private func waitForStep() throws {
        _ = loop.schedule(at: MonotonicClock.now() + Self.step) { [loop] in loop.stop() }
        try loop.run()
    }

    private func send(_ flow: UInt32) throws {
        batch[local: filled] = .ipv4(Self.firstAddress + flow, port: 0)
        filled += 1
        if filled == batch.capacity { try flush() }
    }

    /// Sends what has come together to each group, and counts what has come there.
    private func flush() throws {
        guard filled > 0 else { return }
        for index in 0..<filled { batch[bytes: index] = [0, 0, 0, 0, 0, 0, 0, 0] }
        for side in sides.indices {
            for index in 0..<filled { batch[peer: index] = sides[side].address }
            var done = 0
            while done < filled { done += try batch.send(through: client, done..<filled) }
            // Loopback has delivered them all by now.
            var came = 0
            for slot in 0..<workers {
                let found = try sides[side].group.discard(slot)
                sides[side].counts[slot] += found
                came += found
            }
            lost += UInt64(max(0, filled - came))
        }
        sent += UInt64(filled)
        filled = 0
    }

    private func endSecond() {
        for side in sides.indices {
            let counts = sides[side].counts
            let sum = counts.reduce(0, +)
            if sum > 0, let most = counts.max() {
                sides[side].excess.append(Double(most * workers) / Double(sum) - 1)
            }
            sides[side].counts = [Int](repeating: 0, count: workers)
            sides[side].group.steering.tend()
        }
    }
}
