import ControlProtocol
import Kernel

/// The history for people.
enum HistoryText {
    // MARK: The list

    static func list(
        _ handovers: [HandoverRecord], styled: Bool, width: Int?
    ) -> [String] {
        var table = Table(
            ("#", .right), ("TIME", .left), ("FROM → TO", .left), ("PROGRAM", .left),
            ("BY", .left), ("RESULT", .left), ("FLIP", .right), ("DRAIN", .right), ("KEPT", .right),
            ("CUT", .right), ("DROPS", .right), ("MESSAGE", .left))
        table.dispensable = ["BY", "DRAIN", "KEPT", "CUT", "DROPS"]
        table.lesser = ["FLIP", "PROGRAM", "BY", "KEPT", "DRAIN"]
        table.colour = { header, cell in
            switch header {
            case "RESULT": colour(cell)
            case "CUT": cell == "0" ? nil : .yellow
            case "DROPS": cell == "0" ? nil : .red
            default: nil
            }
        }
        let year = handovers.last?.at?.prefix(4)
        for handover in handovers {
            let cut = handover.cutFlows + (handover.cutOutside?.total ?? 0)
            let isStart = handover.from == nil
            table.add(
                handover.number > 0 ? "\(handover.number)" : "-", time(handover.at, year),
                "\(handover.from.map { "\($0)" } ?? "-") → \(handover.to)",
                handover.program.map { id($0) } ?? "-", handover.uid.map { user($0) } ?? "-",
                words(handover), handover.timeToFlip.map { TimeText.short($0) } ?? "-",
                handover.phases.drain.map { TimeText.short($0) } ?? "-",
                handover.kept.map { "\($0)" } ?? "-", isStart ? "-" : "\(cut)",
                isStart ? "-" : "\(handover.drops)",
                StatusText.printable(handover.message ?? handover.reason ?? ""))
        }
        if table.isEmpty { return ["nothing has happened yet"] }
        return table.lines(styled: styled, width: width)
    }

    /// `11-28 17:59`, in UTC; with its year where that is another one.
    private static func time(_ text: String?, _ year: Substring?) -> String {
        guard let text, text.utf8.count >= 16 else { return "-" }
        let day = text.prefix(4) == year ? text.prefix(10).dropFirst(5) : text.prefix(10)
        return "\(day) \(text.dropFirst(11).prefix(5))Z"
    }

    /// What tells a program from others, in short.
    private static func id(_ program: RecordedProgram) -> String {
        StatusText.printable(
            String(
                (program.buildID ?? program.sha256).map { $0.prefix(8) }
                    ?? program.modified.prefix(10)))
    }

    static func user(_ uid: Int) -> String {
        guard let uid = UInt32(exactly: uid) else { return "\(uid)" }
        let account = (try? UserAccount(uid: uid)) ?? nil
        return account.map { StatusText.printable($0.name) } ?? "\(uid)"
    }

    /// How it ended, in words.
    static func words(_ handover: HandoverRecord) -> String {
        switch handover.result {
        case .rolledBack: "rolled back"
        case .underWay: "under way"
        case .completed where handover.from == nil: "started"
        case .passed: "dry run passed"
        case .failed where handover.kind == "dryRun": "dry run failed"
        default: "\(handover.result)"
        }
    }

    private static func colour(_ words: String) -> Style? {
        switch words {
        case "completed", "started", "dry run passed": .green
        case "failed", "dry run failed", "interrupted": .red
        case "rolled back", "aborted", "incomplete", "under way": .yellow
        default: nil
        }
    }

    // MARK: One

    static func whole(_ handover: HandoverRecord, styled: Bool, width: Int?) -> [String] {
        func title(_ text: String) -> [String] {
            ["", styled ? Style.bold.applied(to: text) : text]
        }
        let result = words(handover)
        let shown = styled ? colour(result)?.applied(to: result) ?? result : result
        let from = handover.from.map { "\($0) → " } ?? ""
        let name =
            handover.from == nil ? "start" : handover.kind == "dryRun" ? "upgrade" : handover.kind
        var lines = ["handover \(handover.number): \(name) \(from)\(handover.to), \(shown)"]
        if let reason = handover.reason {
            lines += StatusText.wrapped("  \(StatusText.printable(reason))", at: width)
        }
        lines += facts(handover).flatMap { name, text in
            StatusText.wrapped("  \(padded(name, 9)) \(text)", at: width)
        }
        let phases = PhaseBars.lines(handover.phases, styled: styled, width: width)
        if !phases.isEmpty { lines += title("phases") + phases }
        if let steps = handover.steps, !steps.isEmpty {
            lines += title("timeline")
            lines += steps.flatMap { step in
                StatusText.wrapped(
                    "  \(padded(TimeText.fixed(step.seconds, 3), -9)) s  \(sentence(step))",
                    at: width)
            }
        }
        if let checks = handover.checks, !checks.isEmpty {
            lines += title("checks")
            lines += checks.flatMap { check in
                StatusText.wrapped(
                    "  \(check.passed ? "passed" : "FAILED")  \(StatusText.printable(check.name))"
                        + (check.detail.map { ": \(StatusText.printable($0))" } ?? ""), at: width)
            }
        }
        if let output = handover.output, !output.isEmpty {
            lines += title("last lines of generation \(handover.to)")
            lines += output.map { "  | \(StatusText.printable($0))" }
        }
        return lines
    }

    private static func facts(_ handover: HandoverRecord) -> [(String, String)] {
        var facts: [(String, String)] = []
        if let at = handover.at { facts.append(("began", at)) }
        if let uid = handover.uid { facts.append(("by", user(uid))) }
        if let message = handover.message {
            facts.append(("message", StatusText.printable(message)))
        }
        if let program = handover.program {
            let build = program.buildID.map { "build \(StatusText.printable($0).prefix(16))" }
            let id = build ?? program.sha256.map { "SHA-256 \($0.prefix(16))" }
            let parts = [id, "of \(program.modified.prefix(19))Z"].compactMap(\.self)
            facts.append(
                (
                    "program",
                    "\(StatusText.printable(program.path)) (\(parts.joined(separator: ", ")))"
                ))
        }
        if !handover.command.isEmpty {
            let words = handover.command.map(StatusText.printable).joined(separator: " ")
            let workers = handover.workers.map { $0 == 1 ? "1 worker" : "\($0) workers" } ?? ""
            facts.append(("command", "\(words)\(workers.isEmpty ? "" : " (\(workers))")"))
        }
        if let settings = handover.settings, !settings.isEmpty {
            let text = settings.map(StatusText.printable).joined(separator: " ")
            facts.append(("settings", text))
        }
        if let time = handover.timeToFlip {
            facts.append(("flip", "new flows went to it after \(TimeText.short(time))"))
        }
        if let end = handover.watchEnd { facts.append(("watch", words(end))) }
        if handover.from != nil, handover.timeToFlip != nil {
            let cut = ["\(handover.cutFlows) flows"] + (handover.cutOutside?.parts ?? [])
            let kept = handover.kept.map { "\($0) kept, " } ?? ""
            facts.append(
                (
                    "sessions",
                    "\(kept)\(cut.joined(separator: ", ")) cut; \(handover.drops) datagrams dropped"
                ))
        }
        return facts
    }

    private static func words(_ end: WatchResult) -> String {
        switch end {
        case .passed: "passed"
        case .promoted: "promoted before it was over"
        case .deserted: "ended early: the old generation died, and nothing could go back to it"
        case .failed: "failed, and nothing was left to go back to"
        case .brokenOff: "broken off by another request"
        // What only a newer supervisor knows.
        default: StatusText.printable(end.rawValue)
        }
    }

    /// Whose new flows a canary got; before there were networks it was a share alone.
    private static func clients(_ text: String?) -> String {
        guard let text else { return "some of the clients" }
        return text.hasSuffix("%") ? "\(text) of the clients" : text
    }

    /// What happened, in words.
    static func sentence(_ step: HandoverStep) -> String {
        let generation = "generation \(step.generation)"
        let text = step.text.map(StatusText.printable)
        let more = text.map { ": \($0)" } ?? ""
        return switch step.what {
        case "started": "\(generation): all its processes run"
        case "ready": "\(generation) is ready"
        case "flipped": "new flows go to \(generation)"
        case "passed": "\(generation) would have become current"
        case "watching": "\(generation) is watched for \(text ?? "some time")"
        case "watchEnded":
            text.map { "\(generation) stays: \($0)" } ?? "\(generation) has passed the watch"
        case "canary": "new flows of \(clients(text)) go to \(generation)"
        case "aborted": "\(generation) gets no new flows any more\(more)"
        case "resumed": "\(generation) is current again\(more)"
        case "drained": "\(generation): the drain is over\(drainEnd(step.text))"
        case "notEmptied": "\(generation): its queues did not get empty in time"
        case "ended": "\(generation) has ended"
        case "failing": "\(generation) is given up\(more)"
        case "failed": "\(generation) is gone"
        case "workerFailed", "workerDied": "\(generation), \(text ?? "a worker has ended")"
        case "workerKilled": "\(generation), \(text ?? "a worker") did not heed the stop signal"
        case "takenOver": "another supervisor has taken over"
        // What only a newer supervisor knows.
        default: "\(generation): \(StatusText.printable(step.what))\(more)"
        }
    }

    private static func drainEnd(_ cause: String?) -> String {
        switch cause {
        case "idle": ", no session is left"
        case "drained": ", all its workers said that they have none left"
        case "deadline": ", its time has passed"
        case "deserted": ", all its workers died"
        case "makesRoom": ", the next generation may not run beside it"
        case "serviceStop": ", the service ends"
        default: ""
        }
    }

    /// A negative width puts the text to the right.
    static func padded(_ text: String, _ width: Int) -> String {
        let space = String(repeating: " ", count: max(0, abs(width) - text.count))
        return width < 0 ? space + text : text + space
    }
}

/// The phases of a handover as bars under each other.
enum PhaseBars {
    private static let leastWidth = 10
    private static let mostWidth = 60

    static func lines(_ times: HandoverTimes, styled: Bool, width: Int?) -> [String] {
        let all: [(String, Double?)] = [
            ("start", times.start), ("ready", times.ready),
            ("canary", times.canary), ("flip", times.flip),
            ("drain", times.drain), ("retire", times.retire),
        ]
        let phases = all.compactMap { name, time in time.map { (name: name, time: $0) } }
        let total = phases.reduce(0) { $0 + $1.time }
        guard total > 0, total.isFinite else { return [] }
        let room = min(max((width ?? 80) - 22, leastWidth), mostWidth)
        var before = 0.0
        return phases.map { phase in
            let begin = min(Int(before / total * Double(room)), room - 1)
            before += phase.time
            let end = min(max(Int((before / total * Double(room)).rounded()), begin + 1), room)
            let bar =
                String(repeating: " ", count: begin)
                + String(repeating: styled ? "█" : "=", count: end - begin)
                + String(repeating: " ", count: room - end)
            let time = HistoryText.padded(TimeText.short(phase.time), -10)
            return "  \(HistoryText.padded(phase.name, 7))\(bar) \(time)"
        }
    }
}
