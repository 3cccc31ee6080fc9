import ArgumentParser
import Kernel

/// `relevo-load talker`: the server of `bench events`, which talks to its supervisor when it is asked to.
struct Talker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says SESSIONS over its channel as often as a datagram asks for.",
        shouldDisplay: false)

    func run() throws {
        try LoadError.reported { try TalkingWorker().run() }
    }
}

/// A worker whose answer to a datagram with a number is how long so many events took, in nanoseconds:
/// the middle one and one that 99 of 100 do not exceed.
private final class TalkingWorker {
    private let loop: EventLoop
    private let channel: UnixConnection
    private let socket: DatagramSocket
    private var left = 0
    private var asker: SocketAddress?
    private var sentAt: UInt64 = 0
    private var times: [Duration] = []

    init() throws {
        loop = try EventLoop()
        guard let number = Environment.value(of: "RELEVO_CHANNEL").flatMap({ Int32($0) }),
            let end = adoptInherited(number), let slot = adoptInherited(3)
        else { throw LoadError("'relevo-load talker' is a worker of a supervisor") }
        channel = UnixConnection(adopting: end)
        socket = DatagramSocket(adopting: slot)
    }

    func run() throws {
        _ = try loop.register(channel) { [unowned self] _ in attempt(hear) }
        _ = try loop.register(socket) { [unowned self] _ in attempt(serve) }
        try say("HELLO\nVERSION=1\nSOCKETS=no")
        try say("READY")
        try loop.run()
    }

    private func attempt(_ body: () throws -> Void) {
        do { try body() } catch { loop.stop() }
    }

    private func say(_ text: String) throws { _ = try channel.send(Array(text.utf8)) }

    private func serve() throws {
        guard let packet = try socket.receive(),
            let count = Int(String(decoding: packet.bytes, as: UTF8.self)), count > 0
        else { return }
        asker = packet.source
        left = count
        times = []
        try next()
    }

    private func next() throws {
        sentAt = MonotonicClock.nanoseconds()
        try say("SESSIONS\nCOUNT=\(left)\nID=1")
    }

    private func hear() throws {
        guard let message = try channel.receive(upTo: 4096) else { return }
        if message.bytes.isEmpty { return loop.stop() }
        let lines = String(decoding: message.bytes, as: UTF8.self).split(separator: "\n")
        if lines.first == "STOP" { return loop.stop() }
        guard let asker, lines == ["OK", "ID=1"] else { return }
        times.append(.nanoseconds(Int64(MonotonicClock.nanoseconds() - sentAt)))
        left -= 1
        if left > 0 { return try next() }
        self.asker = nil
        let text = [0.5, 0.99].map { "\(Int64(times.percentile($0).seconds * 1e9))" }
            .joined(separator: " ")
        _ = try socket.send(Array(text.utf8), to: asker)
    }
}
