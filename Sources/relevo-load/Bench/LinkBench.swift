import ArgumentParser
import Kernel
import RelevoClient

/// `relevo-load bench link`.
struct LinkBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "How many datagrams one core forwards over a link between two workers.",
        discussion: """
            One thread is both workers in turn, so that all of the work is one core's. Plain \
            loopback UDP, one thread as well, is measured in the same run: sendmmsg and recvmmsg \
            of as many datagrams at once as are gathered for the link.
            """)

    /// A link must forward so many a second, unless even UDP itself is slow here.
    private static let demanded = 300_000.0

    @Option(help: ArgumentHelp("Bytes of a datagram.", valueName: "n"))
    var size = 200

    @Option(help: ArgumentHelp("Datagrams that are gathered before they go.", valueName: "n"))
    var batch = 32

    @Option(help: ArgumentHelp("How long each is measured.", valueName: "time"))
    var duration = TimeOption(.seconds(2))

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard (0...9_000).contains(size), (1...128).contains(batch) else {
            throw ValidationError("--size is from 0 to 9000, --batch from 1 to 128")
        }
    }

    func run() throws {
        try LoadError.reported {
            let plain = try ratePlain()
            let linked = try rateLinked()
            let bar = min(Self.demanded, plain / 3)
            var report = BenchReport("link: datagrams of \(size) bytes, \(batch) at a time")
            report.bars = [
                .figure("loopback UDP, sent and received", perSecond(plain), .number(plain)),
                Bar(
                    name: "forwarded over a link", value: .number(linked),
                    text: perSecond(linked), demand: "at least \(perSecond(bar))",
                    isMet: linked >= bar),
            ]
            try report.conclude(json: json)
        }
    }

    private func perSecond(_ rate: Double) -> String { "\(Int(rate))/s" }

    /// Calls the body, which tells how many datagrams it has moved, until the time is over.
    private func rate(_ body: () throws -> Int) throws -> Double {
        let start = MonotonicClock.now()
        let end = start + duration.duration
        var count = 0
        var now = start
        while now < end {
            for _ in 0..<16 { count += try body() }
            now = MonotonicClock.now()
        }
        return Double(count) / (now - start).seconds
    }

    private func ratePlain() throws -> Double {
        let options = DatagramSocketOptions(reusePort: false, receiveBuffer: 4 << 20)
        let server = try DatagramSocket.bound(to: .loopback(), options: options)
        let client = try DatagramSocket.bound(to: .loopback(), options: options)
        try client.connect(to: server.localAddress())
        let outgoing = DatagramBatch(capacity: batch, datagramSize: max(size, 1))
        let incoming = DatagramBatch(capacity: batch, datagramSize: max(size, 1))
        for index in 0..<batch { outgoing[length: index] = size }
        return try rate {
            var sent = 0
            while sent < batch { sent += try outgoing.send(through: client, sent..<batch) }
            var received = 0
            while received < sent { received += try incoming.receive(from: server) }
            return received
        }
    }

    private func rateLinked() throws -> Double {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        var near = try Link(adopting: pair.takeFirst().intoDescriptor().release())
        var far = try Link(adopting: pair.takeSecond().intoDescriptor().release())
        let payload = [UInt8](repeating: 7, count: size)
        let source = InternetAddress(v4: 0x7f00_0001, port: 4711)
        let destination = InternetAddress(v4: 0x7f00_0001, port: 4433)
        var number: UInt64 = 0
        return try rate {
            var received = 0
            func takeAll() throws {
                while let stamp = try far.receive({ what, bytes in stamp(what, bytes) }) {
                    guard stamp == number - UInt64(batch) + UInt64(received) + 1 else {
                        throw LoadError("a datagram was forwarded in the wrong order")
                    }
                    received += 1
                }
            }
            for _ in 0..<batch {
                number += 1
                let isTaken = try near.forward(
                    payload.span, from: source, to: destination, received: number)
                guard isTaken else { throw LoadError("a link that is read has no room") }
            }
            guard try near.flush() else { throw LoadError("a link that is read has no room") }
            try takeAll()
            guard received == batch else { throw LoadError("a datagram was lost in a link") }
            return received
        }
    }

    /// Which one it is, if it has come whole.
    private func stamp(_ what: Link.Received, _ bytes: Span<UInt8>) -> UInt64 {
        guard case .datagram(let datagram) = what, bytes.count == size else { return 0 }
        return datagram.received
    }
}
