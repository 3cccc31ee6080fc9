import Kernel

/// A service whose workers talk to their supervisor when they are asked to.
final class TalkingService {
    /// What a number of events took.
    struct Times {
        /// From the sending of a message to the reading of its answer.
        let median: Duration
        let most: Duration
        /// What the supervisor has taken of the CPUs for each.
        let processor: Duration
    }

    let supervised: SupervisedService
    private let asking: DatagramSocket

    init(workers: Int, options: [String] = []) throws {
        supervised = try SupervisedService(
            options: ["--workers", "\(workers)", "--ready-timeout", "5min"] + options
        ) { _, _ in ["talker"] }
        asking = try DatagramSocket.bound(
            to: .loopback(), options: DatagramSocketOptions(reusePort: false))
    }

    /// Has one of the workers say SESSIONS so often, each time after the answer to the one before.
    ///
    /// The last one says that it has one session, which holds a drain up.
    func talk(_ count: Int) throws -> Times {
        let before = try supervised.supervisorTime()
        try asking.send(Array("\(count)".utf8), to: supervised.address)
        guard let answer = try asking.receive(within: .seconds(120)) else {
            throw LoadError("the worker does not answer: \(supervised.tail())")
        }
        let taken = try supervised.supervisorTime() - before
        let numbers = String(decoding: answer.bytes, as: UTF8.self).split(separator: " ")
            .compactMap { Int64($0) }
        guard numbers.count == 2 else { throw LoadError("the worker could not talk") }
        return Times(
            median: .nanoseconds(numbers[0]), most: .nanoseconds(numbers[1]),
            processor: taken / count)
    }
}
