import ControlProtocol
import Kernel
import Settings

/// Datagrams as they come to a service's listeners, some of them explained.
struct LiveLook {
    private let connection: ControlConnection
    private let listeners: [ListenerStatus]
    private let ports: [UInt16]
    private let duration: Duration
    private let limit: Int

    /// - Parameter name: one listener by its address; nil for all that take datagrams.
    init(
        _ service: ServiceOptions, listener name: String?, for duration: Duration, limit: Int
    ) throws(Failure) {
        self.duration = duration
        self.limit = limit
        connection = try ServiceConnection.open(service, toAct: false)
        listeners = try Self.listeners(on: connection).filter {
            $0.address.hasPrefix("udp://") && (name == nil || $0.address == name)
        }
        let ports = listeners.compactMap { try? ListenAddress.parse($0.address).port }
        self.ports = Set(ports).sorted()
        if self.ports.isEmpty {
            throw Failure(
                .failed,
                name.map { "no listener \($0) takes datagrams" } ?? "no listener takes datagrams")
        }
        if self.ports.count > 100 {
            throw Failure(
                .failed, "there are \(self.ports.count) ports: say which one (--listener)")
        }
    }

    private static func listeners(
        on connection: ControlConnection
    ) throws(Failure) -> [ListenerStatus] {
        try connection.send(ControlCall(.getStatus))
        return try connection.reply(as: StatusReply.self, within: .seconds(10)).parameters.status
            .listeners
    }

    func run(json: Bool) throws(Failure) {
        var shown: [ExplainedDatagram] = []
        let tap: PacketTap
        do throws(KernelError) {
            tap = try PacketTap(PacketFilter.datagrams(to: ports))
        } catch {
            guard error.isPermissionDenied else { throw Failure(error) }
            throw Failure(
                .permission,
                "packets are heard with CAP_NET_RAW alone (run it as root); --pcap takes a capture")
        }
        let start = MonotonicClock.now()
        let step = duration / limit
        for number in 0..<limit {
            // The first one of each part of the time.
            let until = start + duration
            let from = start + step * number
            try wait(until: from)
            guard let datagram = try next(of: tap, until: until) else { break }
            let question = DatagramQuestion(datagram, listener: nil)
            let answers = try ExplainedCapture.ask([question], on: connection)
            let found = ExplainedDatagram(question, answers[0])
            // One to an address of the port that is no listener's.
            if answers[0].problem != nil { continue }
            shown.append(found)
            if !json {
                ExplainCommand.say(found)
                Console.say("")
            }
        }
        try wait(until: start + duration)
        if json { return ExplainCommand.say(json: shown) }
        let ended = try Self.listeners(on: connection)
        for line in summary(ended, shown: shown.count) { Console.say(line) }
    }

    private func wait(until time: Duration) throws(Failure) {
        let left = time - MonotonicClock.now()
        guard left > .zero else { return }
        _ = try connection.news(within: left)
    }

    /// A datagram that comes from now on.
    private func next(
        of tap: borrowing PacketTap, until end: Duration
    ) throws(Failure) -> CapturedDatagram? {
        do throws(KernelError) {
            try tap.discard()
            while true {
                let left = end - MonotonicClock.now()
                guard left > .zero, try tap.wait(for: .readable, within: left) else { return nil }
                guard let packet = try tap.receive() else { continue }
                if let datagram = try? CapturedDatagram(ip: packet[...]) { return datagram }
            }
        } catch {
            throw Failure(error)
        }
    }

    /// By which rules all datagrams went that came meanwhile.
    private func summary(_ ended: [ListenerStatus], shown: Int) -> [String] {
        var lines: [String] = []
        var all = 0
        for listener in listeners {
            guard let now = ended.first(where: { $0.address == listener.address }) else { continue }
            let datagrams = now.counters.datagrams - listener.counters.datagrams
            all += datagrams
            let parts = LiveRules(listener.counters, now.counters).parts
            lines.append(
                "\(listener.address): \(datagrams) datagrams"
                    + (parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"))
        }
        if shown == 0, all > 0 {
            lines.append(
                "none of them was heard: is this the network namespace of the service? (nsenter -n)"
            )
        }
        return lines
    }
}

/// By which rules datagrams went between two looks at the counters.
struct LiveRules {
    let parts: [String]

    init(_ before: ListenerCounters, _ after: ListenerCounters) {
        var counts: [(String, Int)] = []
        let pinned = after.pinned - before.pinned
        if let then = before.rules, let now = after.rules {
            let (tuple, owner) = (now.tuple - then.tuple, now.owner - then.owner)
            counts = [
                ("known", pinned - tuple - owner), ("owner", owner), ("tuple", tuple),
                ("new", after.newFlows - before.newFlows), ("rebound", now.rebound - then.rebound),
                ("learned", now.learned - then.learned), ("beside", now.moved - then.moved),
                ("hint", now.hinted - then.hinted),
                ("copied", (now.copied ?? 0) - (then.copied ?? 0)),
                ("guess", now.guessed - then.guessed), ("unknown", now.unknown - then.unknown),
            ]
        } else {
            counts = [("tuple", pinned), ("new", after.newFlows - before.newFlows)]
        }
        parts = counts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
    }
}
