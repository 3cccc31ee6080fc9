import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench flows`.
struct FlowsBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flows",
        abstract: "How long it takes until the first page of many live flows is there.",
        discussion: """
            One client opens the flows from as many loopback addresses, and goes on sending of one after the other \
            while 'relevo flows' looks. So as many as it can send of within that time are seen. The time is that of the \
            whole command. The supervisor's memory is told before and after, without what it maps of the flow table.
            """)

    @Option(help: ArgumentHelp("Live flows.", valueName: "n"))
    var flows = 1_000_000

    @Option(help: ArgumentHelp("How often it looks.", valueName: "n"))
    var looks = 5

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard 1...8_000_000 ~= flows, looks > 0 else {
            throw ValidationError("--flows is from 1 to 8000000, --looks above 0")
        }
    }

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("flows: \(flows) live flows, \(looks) looks")
            report.bars = try bars()
            try report.conclude(json: json)
        }
    }

    private func bars() throws -> [Bar] {
        let service = try SupervisedService(
            options: ["--max-flows", "\(max(flows, 1_048_576))", "--idle-timeout", "60s"])
        let client = try ManyClients(flows, of: service.address)
        // The second time comes over a millisecond later: then they are sessions.
        for _ in 0..<2 { try client.sendAll() }
        try client.sendUntil {
            try service.status().listeners.reduce(0) { $0 + ($1.flows ?? 0) } >= flows
        }
        let before = try Footprint(ofProcess: service.supervisorID).resident
        var (times, live, seen): ([Duration], [Int], [Int]) = ([], [], [])
        for _ in 0..<looks {
            let start = MonotonicClock.now()
            let command = try service.begin(["flows", "--limit", "20"])
            try client.sendUntil { try command.wait(for: .readable, within: .zero) }
            times.append(MonotonicClock.now() - start)
            guard try command.waitForExit() == .code(0) else {
                throw LoadError("relevo flows failed: \(service.tail())")
            }
            let told = try Self.summary(service.tail())
            live.append(told.live)
            seen.append(told.seen)
        }
        let after = try Footprint(ofProcess: service.supervisorID).resident
        try service.stop()
        return [
            .figure("live flows", "\(live.min() ?? 0)", .count(UInt64(live.min() ?? 0))),
            .figure("of them seen, least", "\(seen.min() ?? 0)", .count(UInt64(seen.min() ?? 0))),
            .under(.seconds(2), "first page, most", times.percentile(1)),
            .figure("supervisor's own memory before", "\(before >> 10) KiB", .count(before)),
            .figure("after", "\(after >> 10) KiB", .count(after)),
        ]
    }

    /// What the last line says: "1000000 flows, 300000 of them seen in 1.0 s, 20 shown".
    private static func summary(_ text: String) throws -> (live: Int, seen: Int) {
        let line = text.split(separator: "\n").last { $0.contains(" of them seen in ") }
        let words = line?.split(separator: " ") ?? []
        guard words.count > 3, let live = Int(words[0]), let seen = Int(words[2]) else {
            throw LoadError("relevo flows said: \(text)")
        }
        return (live, seen)
    }
}

/// One client that sends from as many loopback addresses as there are flows.
private final class ManyClients {
    private let count: Int
    private let server: SocketAddress
    private let socket: DatagramSocket
    private let batch = DatagramBatch(capacity: 64, datagramSize: 64)
    private var next = 0

    init(_ count: Int, of server: SocketAddress) throws {
        self.count = count
        self.server = server
        // Nobody reads the answers: they are dropped here.
        socket = try DatagramSocket.bound(
            to: .ipv4(0, port: 0), options: DatagramSocketOptions(reusePort: false))
    }

    func sendAll() throws {
        var left = count
        while left > 0 { left -= try sendSome() }
    }

    /// Goes on until then; asked each few thousand datagrams.
    func sendUntil(_ isOver: () throws -> Bool) throws {
        repeat { for _ in 0..<100 { _ = try sendSome() } } while try !isOver()
    }

    private func sendSome() throws -> Int {
        for index in 0..<batch.capacity {
            batch[bytes: index] = [UInt8](repeating: 0, count: 8)
            batch[peer: index] = server
            batch[local: index] = .ipv4(0x7F00_0002 + UInt32(next), port: 0)
            next = (next + 1) % count
        }
        var sent = 0
        while sent < batch.capacity {
            sent += try batch.send(through: socket, sent..<batch.capacity)
        }
        return batch.capacity
    }
}
