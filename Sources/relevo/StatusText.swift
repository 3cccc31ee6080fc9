import ControlProtocol
import Kernel
import Settings

/// A service's status for people.
enum StatusText {
    /// - Parameter width: of the terminal; nil where nothing is to be cut or wrapped.
    static func lines(_ status: ServiceStatus, styled: Bool, width: Int? = nil) -> [String] {
        let state = status.summary
        let shown = styled ? ServiceHealth(status).style.applied(to: state) : state
        var lines = ["\(status.name): \(shown) (relevod \(status.version), pid \(status.pid))"]
        if let handover = status.handover {
            lines.append(
                "\(name(handover)): \(handover.phase), since \(TimeText.short(handover.seconds))"
                    + (handover.watchEnd.map { ", watch \(printable($0.rawValue))" } ?? ""))
        }
        if let note = unfollowed(status) { lines += wrapped(note, at: width) }
        if let last = status.lastHandover {
            lines += wrapped("last handover " + summary(last), at: width)
        }
        lines.append("")
        lines += listeners(status.listeners).lines(styled: styled, width: width)
        lines += steering(status.listeners).flatMap { wrapped($0, at: width) }
        for listener in status.listeners {
            if let rules = listener.counters.rules {
                lines += wrapped("  \(listener.address): \(told(by: rules))", at: width)
            }
            if let drops = listener.counters.possibleDrops {
                lines += wrapped(
                    "  \(listener.address): \(drops) more drops of which nobody knows whether they were lost, or "
                        + "copies of multicast and broadcast that others had: telling them apart needs eBPF",
                    at: width)
            }
        }
        lines += status.problems.flatMap { wrapped("  \($0)", at: width) }
        lines.append("")
        lines += generations(status.generations).lines(styled: styled, width: width)
        lines += status.generations.flatMap { program(of: $0) }.flatMap { wrapped($0, at: width) }
        for generation in status.generations {
            guard let others = generation.outside?.parts, !others.isEmpty else { continue }
            lines.append(
                "  generation \(generation.id) has besides its flows: "
                    + others.joined(separator: ", "))
        }
        let workers = workers(status.generations)
        if !workers.isEmpty { lines += [""] + workers.lines(styled: styled, width: width) }
        return lines
    }

    /// The handover under way: handover 1 to 2, dry run 1 to 2.
    static func name(_ handover: HandoverStatus) -> String {
        let kind = handover.isDryRun == true ? "dry run" : "handover"
        return "\(kind) \(handover.from.map { "\($0) to " } ?? "")\(handover.to)"
    }

    /// What of the settings file is not in effect, and when it will be; nil where nothing is.
    static func unfollowed(_ status: ServiceStatus) -> String? {
        guard let names = status.changedSettings, !names.isEmpty else { return nil }
        let moments: [Setting.Moment] = [.reload, .restart, .start]
        return unfollowed(
            moments.map { moment in
                (names.filter { Setting.moment(ofChanged: $0) == moment }, moment.way)
            })
    }

    /// The same of names with what they take.
    static func unfollowed(_ ways: [(names: [String], way: String)]) -> String? {
        let parts = ways.filter { !$0.names.isEmpty }.map {
            "\($0.names.joined(separator: ", ")): that takes \($0.way)"
        }
        if parts.isEmpty { return nil }
        return "settings changed and not in effect: \(parts.joined(separator: "; "))"
    }

    /// What is said of how listeners are steered, once for all of which it is so.
    private static func steering(_ listeners: [ListenerStatus]) -> [String] {
        var told: [String] = []
        for listener in listeners {
            guard let reason = listener.steeringReason else { continue }
            let line = "  \(listener.steering): \(reason)"
            if !told.contains(line) { told.append(line) }
        }
        return told
    }

    /// Which file a generation runs, and how the disk differs from it.
    private static func program(of generation: GenerationStatus) -> [String] {
        guard let program = generation.program else { return [] }
        switch generation.state {
        case .stopped, .failed: return []
        default: break
        }
        var line = "  generation \(generation.id) runs \(printable(program.path))"
        if program.since != generation.id { line += " as generation \(program.since) did" }
        let build = program.buildID.map { "build \(printable($0).prefix(12))" }
        let id = build ?? program.sha256.map { "SHA-256 \($0.prefix(12))" }
        let facts = [id, "of \(program.modified.prefix(19))Z"].compactMap(\.self)
        line += " (\(facts.joined(separator: ", ")))"
        if let uid = generation.origin?.uid { line += ", asked for by user \(uid)" }
        if let message = generation.origin?.message { line += ": \(printable(message))" }
        var lines = [line]
        if let changed = program.changed {
            lines.append(
                "  its program on disk is newer: \(printable(changed)); relevo upgrade runs what is there"
            )
        }
        if let newer = program.loadedNewer, !newer.isEmpty {
            lines.append("  \(loaded(newer)); a worker that is started again takes what is there")
        }
        return lines
    }

    /// What a program has loaded that is not on disk any more, by the files' names.
    private static func loaded(_ paths: [String]) -> String {
        let names = paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let most = 8
        let rest = names.count > most ? " and \(names.count - most) more" : ""
        let what =
            names.allSatisfy { $0.contains(".so") } ? "libraries" : "interpreter or libraries"
        return "its \(what) on disk are newer: "
            + names.prefix(most).map(printable).joined(separator: ", ") + rest
    }

    /// Lines that begin further in after the first.
    static func wrapped(_ text: String, at width: Int?) -> [String] {
        guard let width, text.count > width else { return [text] }
        let indent = String(text.prefix { $0 == " " })
        return text.wrapped(at: max(width - indent.count - 2, 20)).enumerated().map { index, line in
            indent + (index == 0 ? "" : "  ") + line
        }
    }

    /// States and losses that an eye should find.
    private static func colour(_ header: String, _ cell: String) -> Style? {
        switch header {
        case "STATE":
            switch cell.prefix(while: \.isLetter) {
            case "current", "ready": .green
            case "failed": .red
            case "starting", "canary", "draining", "retiring", "restarting", "stopping": .yellow
            default: nil
            }
        case "DROPS", "EVICTED", "UNRECORDED": cell == "0" ? nil : .red
        case "RESTARTS", "FALLBACK": cell == "0" ? nil : .yellow
        default: nil
        }
    }

    /// A handover that is over, in one line.
    static func summary(_ handover: HandoverSummary) -> String {
        let times: [(String, Double?)] = [
            ("start", handover.phases.start), ("ready", handover.phases.ready),
            ("canary", handover.phases.canary), ("flip", handover.phases.flip),
            ("drain", handover.phases.drain), ("retire", handover.phases.retire),
        ]
        let phases = times.compactMap { name, time in
            time.map { "\(name) \(TimeText.short($0))" }
        }
        let from = handover.from.map { "\($0) to " } ?? ""
        let reason = handover.reason.map { " (\($0))" } ?? ""
        let isDry = handover.isDryRun == true ? "dry run " : ""
        var parts = ["\(from)\(handover.to) \(isDry)\(handover.result)\(reason)"]
        if let end = handover.watchEnd { parts.append("watch \(printable(end.rawValue))") }
        parts += phases
        parts.append("\(handover.cutFlows) flows cut")
        parts += (handover.cutOutside?.parts ?? []).map { "\($0) cut" }
        parts.append("\(handover.drops) drops")
        return parts.joined(separator: ", ")
    }

    /// What was told by ids.
    private static func told(by rules: RuleCounts) -> String {
        let unknown = [
            (rules.owner, "told their worker"),
            (rules.copied ?? 0, "were copied to each that may know them"),
            (rules.hinted, "went by their address"),
            (rules.guessed, "were guessed to be an older generation's"),
            (rules.unknown, "went to the current one"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return
            "\(rules.learned) ids learned, \(rules.rebound) sessions found at another address"
            + (unknown.isEmpty ? "" : "; of unknown ids " + unknown.joined(separator: ", "))
    }

    private static func listeners(_ listeners: [ListenerStatus]) -> Table {
        var table = Table(
            ("LISTENER", .left), ("STEERING", .left), ("FLOWS", .right), ("DATAGRAMS", .right),
            ("PINNED", .right), ("NEW FLOWS", .right), ("FALLBACK", .right), ("EVICTED", .right),
            ("UNRECORDED", .right), ("DROPS", .right))
        table.dispensable = ["PINNED", "FALLBACK", "EVICTED", "UNRECORDED"]
        table.colour = colour
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

    /// Where new flows go: to a canary in a step, or to the current generation; nil where no generation serves.
    static func newFlows(_ status: ServiceStatus) -> String? {
        for generation in status.generations {
            if let canary = generation.canary {
                return "generation \(generation.id): \(share(canary))"
            }
        }
        return status.current.map { "new flows go to generation \($0)" }
    }

    /// A canary's step: 5% of the clients, step 1 of 3, the next in 20 s.
    private static func share(_ canary: CanaryStatus) -> String {
        let rest = canary.isChecked == true ? ", its check runs" : ", held"
        let next = canary.secondsLeft.map { ", \(TimeText.short($0)) left" } ?? rest
        let drops = canary.dropLimit.map { ", \(canary.drops ?? 0) of \($0) drops" } ?? ""
        return "\(canary.clients), step \(canary.step) of \(canary.steps)\(next)"
            + drops
    }

    /// How a current generation may have to give way: watched for 40 s more, 3 of 10 drops.
    static func watch(_ watch: WatchStatus) -> String {
        if watch.failure != nil { return "about to be rolled back" }
        let check = watch.isChecked == true ? ", its check runs" : ""
        let drops = watch.dropLimit.map { ", \(watch.drops ?? 0) of \($0) drops" } ?? ""
        return "watched for \(TimeText.short(watch.secondsLeft)) more\(check)\(drops)"
    }

    private static func generations(_ generations: [GenerationStatus]) -> Table {
        var table = Table(
            ("GENERATION", .right), ("STATE", .left), ("FLOWS", .right), ("READY", .right),
            ("COMMAND", .left))
        table.colour = colour
        for generation in generations {
            let left = Self.left(generation)
            let share =
                generation.canary.map { ", \(Self.share($0))" }
                ?? generation.watch.map { ", \(Self.watch($0))" } ?? ""
            table.add(
                "\(generation.id)", "\(generation.state)\(left)\(share)", "\(generation.flows)",
                "\(generation.readyWorkers)/\(generation.workers.count)",
                generation.command.map(printable).joined(separator: " "))
        }
        return table
    }

    /// When a drain ends: likely, and at the latest.
    private static func left(_ generation: GenerationStatus) -> String {
        guard generation.state == .draining else { return "" }
        let most = generation.drainSecondsLeft.map { ", at most \(TimeText.short($0))" } ?? ""
        return ", \(OperationText.likelyEnd(generation.drainSecondsLikely))\(most)"
    }

    private static func workers(_ generations: [GenerationStatus]) -> Table {
        var table = Table(
            ("WORKER", .right), ("PID", .right), ("STATE", .left), ("RESTARTS", .right),
            ("SESSIONS", .right), ("MESSAGE", .left))
        table.colour = colour
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

    /// Text of a worker's without what would move the cursor about; bytes that are not UTF-8 as `\xE9`.
    static func printable(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { shown, scalar in
            if let byte = KeptText.byte(of: scalar) {
                shown += "\\x" + String(byte, radix: 16, uppercase: true)
            } else if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
                shown += "\u{fffd}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
    }
}
