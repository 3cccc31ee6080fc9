import ControlProtocol

/// A service's status for people.
enum StatusText {
    static func lines(_ status: ServiceStatus, styled: Bool) -> [String] {
        var lines = [
            "\(status.name): \(state(of: status)) (pid \(status.pid), version \(status.version))"
        ]
        if let handover = status.handover {
            let from = handover.from.map { "\($0) to " } ?? ""
            lines.append(
                "handover \(from)\(handover.to): \(handover.phase), "
                    + "since \(TimeText.short(handover.seconds))")
        }
        if let last = status.lastHandover { lines.append("last handover " + summary(last)) }
        lines.append("")
        lines += listeners(status.listeners).lines(styled: styled)
        for listener in status.listeners {
            if let reason = listener.steeringReason {
                lines.append("  \(listener.address) \(listener.steering): \(reason)")
            }
        }
        lines.append("")
        lines += generations(status.generations).lines(styled: styled)
        for generation in status.generations {
            guard let others = generation.outside?.parts, !others.isEmpty else { continue }
            lines.append(
                "  generation \(generation.id) has besides its flows: "
                    + others.joined(separator: ", "))
        }
        let workers = workers(status.generations)
        if !workers.isEmpty { lines += [""] + workers.lines(styled: styled) }
        return lines
    }

    /// In a few words, what the service is about.
    static func state(of status: ServiceStatus) -> String {
        guard let current = status.current else { return "starting" }
        let serving = "generation \(current) serves"
        guard let handover = status.handover else { return serving }
        if handover.to != current {
            // Rolled back, it has the flows that it got meanwhile.
            let isOver = [.drain, .retire].contains(handover.phase)
            return "\(serving), \(handover.to) \(isOver ? "drains" : "starts")"
        }
        return handover.from.map { "\(serving), \($0) drains" } ?? serving
    }

    /// A handover that is over, in one line.
    static func summary(_ handover: HandoverSummary) -> String {
        let times: [(String, Double?)] = [
            ("start", handover.phases.start), ("ready", handover.phases.ready),
            ("flip", handover.phases.flip),
            ("drain", handover.phases.drain), ("retire", handover.phases.retire),
        ]
        let phases = times.compactMap { name, time in
            time.map { "\(name) \(TimeText.short($0))" }
        }
        let from = handover.from.map { "\($0) to " } ?? ""
        let reason = handover.reason.map { " (\($0))" } ?? ""
        return
            ([
                "\(from)\(handover.to) \(handover.result)\(reason)"
            ] + phases + ["\(handover.cutFlows) flows cut"]
            + (handover.cutOutside?.parts ?? []).map { "\($0) cut" }
            + ["\(handover.drops) drops"])
            .joined(separator: ", ")
    }

    private static func listeners(_ listeners: [ListenerStatus]) -> Table {
        var table = Table(
            ("LISTENER", .left), ("STEERING", .left), ("FLOWS", .right), ("DATAGRAMS", .right),
            ("PINNED", .right), ("NEW FLOWS", .right), ("FALLBACK", .right), ("EVICTED", .right),
            ("UNRECORDED", .right), ("DROPS", .right))
        for listener in listeners {
            let counters = listener.counters
            table.add(
                listener.address, listener.steering, listener.flows.map { "\($0)" } ?? "-",
                "\(counters.datagrams)", "\(counters.pinned)", "\(counters.newFlows)",
                "\(counters.fallback)", "\(counters.evicted)", "\(counters.unrecorded)",
                "\(counters.drops)")
        }
        return table
    }

    private static func generations(_ generations: [GenerationStatus]) -> Table {
        var table = Table(
            ("GENERATION", .right), ("STATE", .left), ("FLOWS", .right), ("READY", .right),
            ("COMMAND", .left))
        for generation in generations {
            let ready = generation.workers.count { $0.state == .ready }
            let left = generation.drainSecondsLeft.map { ", \(TimeText.short($0)) left" } ?? ""
            table.add(
                "\(generation.id)", "\(generation.state)\(left)", "\(generation.flows)",
                "\(ready)/\(generation.workers.count)",
                generation.command.map(printable).joined(separator: " "))
        }
        return table
    }

    private static func workers(_ generations: [GenerationStatus]) -> Table {
        var table = Table(
            ("WORKER", .right), ("PID", .right), ("STATE", .left), ("RESTARTS", .right),
            ("SESSIONS", .right), ("MESSAGE", .left))
        for generation in generations {
            for worker in generation.workers {
                table.add(
                    "\(generation.id).\(worker.index)", worker.pid.map { "\($0)" } ?? "-",
                    "\(worker.state)", "\(worker.restarts)",
                    worker.sessions.map { "\($0)" } ?? "-", printable(worker.message ?? ""))
            }
        }
        return table
    }

    /// Text of a worker's without what would move the cursor about.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "\u{fffd}" : $0
                }))
    }
}
