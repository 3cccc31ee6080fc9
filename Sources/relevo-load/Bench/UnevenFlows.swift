import Kernel

import func Glibc.log
import func Glibc.pow

/// Flows that come at random, live for a random time, and send at uneven rates.
///
/// So many at any moment: arrivals are a Poisson process, lives are exponential, rates are of a Pareto
/// distribution.
struct UnevenFlows {
    /// One client, which is an address.
    struct Flow {
        let number: UInt32
        let end: Duration
        /// Datagrams a second.
        let rate: Double
        /// What it has still to send, as parts of a datagram.
        var due: Double
    }

    private(set) var flows: [Flow] = []
    private(set) var opened: UInt32 = 0
    private let arrivalsPerSecond: Double
    private let life: Duration
    private let leastRate: Double
    private let shape: Double
    private var nextArrival = Duration.zero
    private var numbers: SeededNumbers

    /// - Parameters:
    ///   - rate: of all together, in datagrams a second.
    ///   - shape: of the rates, above 1.
    init(_ count: Int, rate: Double, shape: Double, life: Duration, seed: UInt64) {
        self.life = life
        self.shape = shape
        arrivalsPerSecond = Double(count) / (life / .seconds(1))
        // A Pareto distribution's mean is its least value times shape / (shape - 1).
        leastRate = rate / Double(count) * (shape - 1) / shape
        numbers = SeededNumbers(seed: seed)
        for _ in 0..<count { open(at: .zero) }
    }

    /// Ends and opens what is due, and has each flow send.
    ///
    /// - Parameter sends: is called with a flow's number for each datagram.
    mutating func advance(
        from before: Duration, to now: Duration, sends: (UInt32) throws -> Void
    ) rethrows {
        let seconds = (now - before) / .seconds(1)
        flows.removeAll { $0.end <= now }
        while nextArrival <= now {
            open(at: nextArrival)
            nextArrival += .seconds(exponential() / arrivalsPerSecond)
        }
        for index in flows.indices {
            flows[index].due += flows[index].rate * seconds
            while flows[index].due >= 1 {
                flows[index].due -= 1
                try sends(flows[index].number)
            }
        }
    }

    private mutating func open(at time: Duration) {
        // A link's rate is the most that a flow has.
        let rate = min(leastRate * pow(uniform(), -1 / shape), leastRate * 1000)
        flows.append(
            Flow(
                number: opened, end: time + life * exponential(), rate: rate,
                // The first datagram opens it.
                due: 1))
        opened += 1
    }

    private mutating func uniform() -> Double { 1 - Double.random(in: 0..<1, using: &numbers) }

    private mutating func exponential() -> Double { -log(uniform()) }
}
