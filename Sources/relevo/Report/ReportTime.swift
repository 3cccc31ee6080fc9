import ControlProtocol

/// The time axis of a report, in seconds since the request, and what lies on it.
struct ReportTime {
    struct Phase {
        let name: String
        let begin: Double
        let end: Double
    }

    let phases: [Phase]
    /// When new flows went to the new generation; the end where they never did.
    let flip: Double
    let hasFlipped: Bool
    /// When the old generation had no session left, or was cut.
    let drained: Double
    private let end: Double
    private let left: Double
    private let width: Double

    init(_ handover: HandoverRecord, left: Double, width: Double) {
        self.left = left
        self.width = width
        let times = handover.phases
        let steps = handover.steps ?? []
        // Where generations may not overlap the old one ends before the new one starts.
        let flipped = handover.timeToFlip
        let isAfter = (times.retire ?? 0) > 0 && times.drain == nil && flipped != nil
        let order: [(String, Double?)] =
            isAfter
            ? [
                ("retire", times.retire), ("start", times.start), ("ready", times.ready),
                ("flip", times.flip),
            ]
            : [
                ("start", times.start), ("ready", times.ready), ("canary", times.canary),
                ("flip", times.flip), ("drain", times.drain), ("retire", times.retire),
            ]
        var at = 0.0
        var phases: [Phase] = []
        for (name, time) in order {
            guard let time, time.isFinite, time > 0 else { continue }
            phases.append(Phase(name: name, begin: at, end: at + time))
            at += time
        }
        if let end = steps.first(where: { $0.what == "failing" })?.seconds, end > at {
            phases.append(Phase(name: "failed", begin: at, end: end))
        }
        self.phases = phases
        // What an older or a broken supervisor says may be anything.
        let last = max(
            at, steps.last?.seconds ?? 0, handover.samples?.last?.seconds ?? 0, flipped ?? 0)
        end = last > 0 && last < 1e9 ? last : 1
        flip = flipped ?? end
        hasFlipped = flipped != nil
        drained =
            steps.first { $0.what == "drained" }?.seconds
            ?? phases.first { $0.name == "drain" }?.end ?? flip
    }

    func x(_ seconds: Double) -> Double {
        guard seconds.isFinite else { return left }
        return left + min(max(seconds, 0), end) / end * width
    }

    /// Moments to be labelled, at round distances.
    var marks: [Double] {
        let distance = ReportScale.round(end / 6)
        return (0...Int(end / distance)).map { Double($0) * distance }
    }
}

/// A vertical axis from zero.
struct ReportScale {
    let bottom: Double
    private let top: Double
    private let height: Double

    init(most: Double, bottom: Double, height: Double) {
        self.bottom = bottom
        self.height = height
        let distance = Self.round(max(most, 1) / 3)
        top = (max(most, 1) / distance).rounded(.up) * distance
    }

    func y(_ value: Double) -> Double { bottom - min(max(value, 0), top) / top * height }

    func grid(_ left: Double, _ right: Double) -> [String] {
        [0, top / 2, top].flatMap { value in
            let y = ReportPicture.n(y(value))
            return [
                "<line class=\"grid\" x1=\"\(ReportPicture.n(left))\" y1=\"\(y)\""
                    + " x2=\"\(ReportPicture.n(right))\" y2=\"\(y)\"/>",
                "<text class=\"soft end\" x=\"\(ReportPicture.n(left - 8))\""
                    + " y=\"\(ReportPicture.n(self.y(value) + 4))\">"
                    + "\(ReportPicture.grouped(Int(min(value, 1e15))))</text>",
            ]
        }
    }

    /// 1, 2 or 5 times a power of ten, not below.
    static func round(_ number: Double) -> Double {
        guard number > 0, number.isFinite else { return 1 }
        var power = 1.0
        while power < number { power *= 10 }
        while power >= number * 10 { power /= 10 }
        for part in [0.1, 0.2, 0.5] where power * part >= number { return power * part }
        return power
    }
}

/// What came between two samples, a second.
struct ReportRate {
    let begin: Double
    let end: Double
    let datagrams: Double
    /// Of those, the new generation's; nil where that is not known.
    let ofNew: Double?
    let opened: Double
    /// In all.
    let drops: Double

    static func all(_ samples: [HandoverSample]) -> [ReportRate] {
        zip(samples, samples.dropFirst()).compactMap { one, next in
            let time = next.seconds - one.seconds
            guard time > 0, time.isFinite else { return nil }
            func more(_ count: (HandoverSample) -> Int) -> Double {
                max(0, Double(count(next)) - Double(count(one)))
            }
            let all = more { $0.datagrams }
            var ofNew: Double?
            if let before = one.toDatagrams, let after = next.toDatagrams {
                ofNew = min(max(0, Double(after) - Double(before)), all)
            }
            return ReportRate(
                begin: one.seconds, end: next.seconds, datagrams: all / time,
                ofNew: ofNew.map { $0 / time }, opened: more { $0.opened } / time,
                drops: more { $0.drops })
        }
    }
}
