import ControlProtocol

/// A handover as a picture: an SVG that needs nothing else.
struct ReportPicture {
    static let width = 960.0
    private static let left = 70.0
    private static let right = 24.0

    private let handover: HandoverRecord
    private let time: ReportTime
    private let rates: [ReportRate]

    init(_ handover: HandoverRecord) {
        self.handover = handover
        time = ReportTime(
            handover, left: Self.left, width: Self.width - Self.left - Self.right)
        rates = ReportRate.all(handover.samples ?? [])
    }

    private var old: String { handover.from.map { "generation \($0)" } ?? "" }
    private var new: String { "generation \(handover.to)" }

    /// The picture by itself.
    var svg: String {
        let (body, height) = content
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.n(Self.width))" \
            height="\(Self.n(height))" viewBox="0 0 \(Self.n(Self.width)) \(Self.n(height))" role="img" \
            font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13">
            <title>\(XMLText.escaped(title))</title>
            <style>
            \(ReportStyle.text)
            </style>
            <rect class="page" width="100%" height="100%"/>
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    var title: String {
        let from = handover.from.map { "\($0) → " } ?? ""
        let name = handover.from == nil ? "start" : handover.kind
        return
            "Handover \(handover.number): \(name) \(from)\(handover.to), \(HistoryText.words(handover))"
    }

    private var content: (body: [String], height: Double) {
        var body: [String] = []
        var y = 40.0
        body.append(text(24, y, title, "title"))
        for line in about {
            y += 20
            body.append(text(24, y, line, "soft"))
        }
        y += 22
        body += tiles(at: y)
        y += 88
        let marked = y
        let under = body.count
        body += phases(at: &y)
        if rates.isEmpty {
            let words = "It was over before anything could be counted twice."
            body.append(text(Self.left, y, words, "soft"))
            y += 20
        } else {
            body += flows(at: y)
            y += 176
            body += datagrams(at: y)
            y += 146
            body += losses(at: y)
            y += 62
        }
        // Behind what is written.
        body.insert(contentsOf: axis(from: marked + 8, to: y), at: under)
        y += 34
        body += steps(at: &y)
        return (body, y + 16)
    }

    // MARK: What it is about

    private var about: [String] {
        var first = handover.at.map { "\($0.prefix(19).replacing("T", with: " ")) UTC" } ?? ""
        if let uid = handover.uid { first += ", asked for by \(HistoryText.user(uid))" }
        var lines = first.isEmpty ? [] : [first]
        if let message = handover.message { lines.append("“\(StatusText.printable(message))”") }
        if let program = handover.program {
            let build = program.buildID ?? program.sha256
            lines.append(
                "\(StatusText.printable(program.path))"
                    + (build.map { ", build \(StatusText.printable($0).prefix(12))" } ?? ""))
        }
        if let reason = handover.reason { lines.append(StatusText.printable(reason)) }
        return lines.map { String($0.prefix(130)) }
    }

    private func tiles(at y: Double) -> [String] {
        let cut = max(0, handover.cutFlows)
            .addingReportingOverflow(max(0, handover.cutOutside?.total ?? 0)).partialValue
        let all: [(String, String, String)] = [
            (
                "until new flows went to it",
                handover.timeToFlip.map { TimeText.short($0) } ?? "never", ""
            ),
            (
                "until old sessions ended",
                handover.phases.drain.map { TimeText.short($0) } ?? "–", ""
            ),
            ("sessions kept", handover.kept.map(Self.grouped) ?? "–", ""),
            ("sessions cut", Self.grouped(cut), cut > 0 ? "warn" : ""),
            (
                "datagrams dropped", Self.grouped(handover.drops),
                handover.drops > 0 ? "bad" : "good"
            ),
        ]
        let width = (Self.width - 48 - 4 * 12) / 5
        return all.enumerated().flatMap { index, tile in
            let x = 24 + Double(index) * (width + 12)
            return [
                "<rect class=\"tile\" x=\"\(Self.n(x))\" y=\"\(Self.n(y))\" width=\"\(Self.n(width))\""
                    + " height=\"64\" rx=\"8\"/>",
                text(x + 12, y + 30, tile.1, "figure \(tile.2)"),
                text(x + 12, y + 51, tile.0, "soft"),
            ]
        }
    }

    // MARK: Over time

    /// The phases after each other, and below what each of them is.
    private func phases(at y: inout Double) -> [String] {
        var body = [heading(y, "Phases")]
        for phase in time.phases {
            let x = time.x(phase.begin)
            let width = max(time.x(phase.end) - x, 2)
            body.append(
                "<rect class=\"\(phase.name)\" x=\"\(Self.n(x))\" y=\"\(Self.n(y + 14))\""
                    + " width=\"\(Self.n(width))\" height=\"18\"/>")
        }
        y += 54
        var x = Self.left
        for phase in time.phases {
            let length = TimeText.short(phase.end - phase.begin)
            let label = "\(phase.name) \(length): \(Self.words[phase.name] ?? "")"
            let width = 15 + Double(label.count) * 6.3 + 16
            if x > Self.left, x + width > Self.width - Self.right {
                x = Self.left
                y += 19
            }
            body += key(x, y, phase.name, label)
            x += width
        }
        y += 36
        return body
    }

    private static let words = [
        "start": "processes start", "ready": "until all are ready",
        "canary": "the new version has a share of the clients",
        "flip": "new flows go to the new version",
        "drain": "the old version keeps its sessions until they end",
        "retire": "it reads what is queued and stops", "failed": "it never got ready",
    ]

    private func flows(at y: Double) -> [String] {
        let samples = handover.samples ?? []
        let height = 120.0
        let most = samples.reduce(1) { max($0, $1.fromFlows, $1.toFlows) }
        let scale = ReportScale(most: Double(most), bottom: y + 14 + height, height: height)
        var body = [heading(y, "Live flows")]
        body += scale.grid(Self.left, Self.width - Self.right)
        let series: [(String, String, (HandoverSample) -> Int)] = [
            ("old", old, { $0.fromFlows }), ("new", new, { $0.toFlows }),
        ]
        var x = Self.width - Self.right
        for (name, label, value) in series.reversed() where !label.isEmpty {
            let points = samples.map { (time.x($0.seconds), scale.y(Double(value($0)))) }
            body += curve(points, name, scale.bottom)
            let words = name == "old" ? "\(label), old" : "\(label), new"
            x -= Double(words.count) * 7.2 + 24
            body += key(x, y, name, words)
        }
        return body
    }

    /// Bars, the new generation's part upon the old one's. Where whose they were is not known, before the flip all is
    /// the old one's, and after its drain the new one's.
    private func datagrams(at y: Double) -> [String] {
        let height = 90.0
        let most = rates.reduce(1.0) { max($0, $1.datagrams) }
        let scale = ReportScale(most: most, bottom: y + 14 + height, height: height)
        var body = [heading(y, "Datagrams a second")]
        body += scale.grid(Self.left, Self.width - Self.right)
        for rate in rates {
            guard let ofNew = rate.ofNew else {
                let whose =
                    rate.end <= time.flip + 0.02
                    ? "old" : rate.begin >= time.drained - 0.02 ? "new" : "both"
                body.append(bar(rate, whose, from: 0, to: rate.datagrams, scale))
                continue
            }
            let ofOld = rate.datagrams - ofNew
            if ofOld > 0 { body.append(bar(rate, "old", from: 0, to: ofOld, scale)) }
            if ofNew > 0 { body.append(bar(rate, "new", from: ofOld, to: rate.datagrams, scale)) }
        }
        let opened = rates.map {
            (time.x(($0.begin + $0.end) / 2), scale.y($0.opened))
        }
        if opened.count > 1 { body.append(line(opened, "opened")) }
        var x = Self.width - Self.right
        var keys = [("opened", "opening a flow")]
        if rates.allSatisfy({ $0.ofNew != nil }) {
            keys += [("new", "\(new), new"), ("old", "\(old), old")]
        } else {
            keys += [("new", "new alone"), ("both", "old and new"), ("old", "old alone")]
        }
        for (name, words) in keys where name == "opened" || !old.isEmpty || name == "new" {
            x -= Double(words.count) * 7.2 + 24
            body += key(x, y, name, words)
        }
        return body
    }

    private func bar(
        _ rate: ReportRate, _ whose: String, from bottom: Double, to top: Double,
        _ scale: ReportScale
    ) -> String {
        let x = time.x(rate.begin)
        let width = max(time.x(rate.end) - x, 1)
        let (low, high) = (scale.y(bottom), scale.y(top))
        return "<rect class=\"\(whose) bar\" x=\"\(Self.n(x))\" y=\"\(Self.n(high))\""
            + " width=\"\(Self.n(width))\" height=\"\(Self.n(low - high))\"/>"
    }

    private func losses(at y: Double) -> [String] {
        var body = [heading(y, "Datagrams dropped by the kernel")]
        let bottom = y + 44
        let lost = rates.filter { $0.drops > 0 }
        if lost.isEmpty { return body + [text(Self.left, y + 32, "none", "soft")] }
        let most = lost.reduce(1.0) { max($0, $1.drops) }
        for rate in lost {
            let x = time.x(rate.begin)
            let height = max(rate.drops / most * 26, 2)
            body.append(
                "<rect class=\"lost\" x=\"\(Self.n(x))\" y=\"\(Self.n(bottom - height))\""
                    + " width=\"\(Self.n(max(time.x(rate.end) - x, 2)))\" height=\"\(Self.n(height))\">"
                    + "<title>\(Self.grouped(Int(min(rate.drops, 1e15))))</title></rect>")
        }
        return body
    }

    /// Seconds since the request, and the moments that count, through all panels.
    private func axis(from top: Double, to bottom: Double) -> [String] {
        var body: [String] = []
        for mark in time.marks {
            let x = time.x(mark)
            body.append(
                "<line class=\"grid\" x1=\"\(Self.n(x))\" y1=\"\(Self.n(bottom))\" x2=\"\(Self.n(x))\""
                    + " y2=\"\(Self.n(bottom + 5))\"/>")
            let words = mark > 0 ? TimeText.short(mark) : "0"
            body.append(text(x, bottom + 19, words, "soft middle"))
        }
        body.append(
            "<line class=\"axis\" x1=\"\(Self.n(Self.left))\" y1=\"\(Self.n(bottom))\""
                + " x2=\"\(Self.n(Self.width - Self.right))\" y2=\"\(Self.n(bottom))\"/>")
        if time.hasFlipped {
            let x = time.x(time.flip)
            body.append(
                "<line class=\"flipline\" x1=\"\(Self.n(x))\" y1=\"\(Self.n(top))\""
                    + " x2=\"\(Self.n(x))\" y2=\"\(Self.n(bottom))\"/>")
        }
        return body
    }

    private func steps(at y: inout Double) -> [String] {
        let steps = handover.steps ?? []
        if steps.isEmpty { return [] }
        y += 16
        var body = [text(24, y, "What happened", "heading")]
        for step in steps.prefix(16) {
            y += 19
            body.append(text(110, y, "\(TimeText.fixed(step.seconds, 3)) s", "soft end"))
            body.append(text(124, y, String(HistoryText.sentence(step).prefix(120)), ""))
        }
        if steps.count > 16 {
            y += 19
            body.append(text(124, y, "and \(steps.count - 16) more", "soft"))
        }
        return body
    }

    // MARK: Pieces

    private func heading(_ y: Double, _ words: String) -> String { text(24, y, words, "heading") }

    private func text(_ x: Double, _ y: Double, _ words: String, _ kind: String) -> String {
        "<text class=\"\(kind)\" x=\"\(Self.n(x))\" y=\"\(Self.n(y))\">\(XMLText.escaped(words))</text>"
    }

    private func key(_ x: Double, _ y: Double, _ name: String, _ words: String) -> [String] {
        [
            "<rect class=\"\(name) key\" x=\"\(Self.n(x))\" y=\"\(Self.n(y - 9))\" width=\"10\""
                + " height=\"10\" rx=\"2\"/>",
            text(x + 15, y, words, "soft"),
        ]
    }

    private func curve(_ points: [(Double, Double)], _ name: String, _ bottom: Double) -> [String] {
        guard let first = points.first, let last = points.last else { return [] }
        let area =
            "M\(Self.n(first.0)) \(Self.n(bottom)) "
            + points.map { "L\(Self.n($0.0)) \(Self.n($0.1))" }.joined(separator: " ")
            + " L\(Self.n(last.0)) \(Self.n(bottom)) Z"
        return ["<path class=\"\(name) area\" d=\"\(area)\"/>", line(points, "\(name) line")]
    }

    private func line(_ points: [(Double, Double)], _ kind: String) -> String {
        let list = points.map { "\(Self.n($0.0)),\(Self.n($0.1))" }.joined(separator: " ")
        return "<polyline class=\"\(kind)\" points=\"\(list)\"/>"
    }

    /// A coordinate.
    static func n(_ number: Double) -> String { TimeText.fixed(number, 1) }

    /// `12,345`
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }
}
