import Histogram

/// What came of a run.
struct LoadReport {
    let tally: Tally
    let plan: LoadPlan
    let tolerance: Tolerance
    let duration: Duration
    var responses: [DNSQuery.ResponseCode: UInt64] = [:]
    var isTCP = false

    /// What is wrong, a phrase each; empty for a run in which nothing was lost.
    var faults: [String] {
        if plan.unanswered { return [] }
        var faults: [String] = []
        if tally.sent == 0 { faults.append("nothing was sent") }
        if tally.lost > tolerance.allowLost { faults.append("\(tally.lost) lost") }
        if tally.refused > 0 { faults.append("\(tally.refused) refused") }
        if tally.duplicate > 0 { faults.append("\(tally.duplicate) answered twice") }
        if misrouted > 0 { faults.append("\(misrouted) misrouted") }
        for (code, count) in sortedResponses where !code.isAnswer {
            faults.append("\(count) answered \(code.name)")
        }
        if tally.ownDrops > 0 {
            faults.append(
                "\(tally.ownDrops) answers dropped by this program itself, so that nothing is "
                    + "proven: lower --rate")
        }
        return faults
    }

    private var sortedResponses: [(DNSQuery.ResponseCode, UInt64)] {
        responses.sorted { $0.key.value < $1.key.value }.map { ($0.key, $0.value) }
    }

    /// Flows that were answered by a process that cannot have known them, or should not have.
    var misrouted: UInt64 {
        (tolerance.expectMove ? 0 : tally.moved)
            + (tolerance.expectRestart ? 0 : tally.restarted)
            + (tolerance.expectRollback ? 0 : tally.stale)
    }

    var isGood: Bool { faults.isEmpty }

    /// The report for people.
    var text: String {
        let seconds = max(duration.seconds, 1e-9)
        let generations = tally.generations.sorted { $0.key < $1.key }
            .map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        var lines = [
            "sent        \(tally.sent) \(isTCP ? "connections" : "datagrams") in \(duration.short), "
                + "\((Double(tally.sent) / seconds).digits) a second, "
                + "\(tally.flowsOpened) flows",
            "answered    \(tally.answered)   by generation  \(generations)",
            "lost        \(tally.lost)",
            "refused     \(tally.refused)",
            "duplicate   \(tally.duplicate)",
            "misrouted   \(misrouted)   moved \(tally.moved), state gone \(tally.restarted), "
                + "new flow to an old generation \(tally.stale)",
        ]
        if !responses.isEmpty {
            let parts = sortedResponses.map { "\($0.0.name) \($0.1)" }
            lines.append("responses   \(parts.joined(separator: "  "))")
        }
        if tally.answered > 0 {
            let parts = Self.percentiles.map { name, value in
                "\(name) \(percentile(value).short)"
            }
            lines.append("latency     \(parts.joined(separator: "  "))")
        }
        lines.append(isGood ? "result      nothing lost" : "result      FAILED: \(phrase)")
        return lines.joined(separator: "\n")
    }

    private var phrase: String { faults.joined(separator: ", ") }

    /// The report for programs.
    var json: JSONText {
        .object([
            ("ok", .flag(isGood)), ("faults", .list(faults.map { .text($0) })),
            ("seconds", .number(duration.seconds)), ("flows", .count(tally.flowsOpened)),
            ("sent", .count(tally.sent)), ("answered", .count(tally.answered)),
            ("lost", .count(tally.lost)), ("refused", .count(tally.refused)),
            ("duplicate", .count(tally.duplicate)), ("misrouted", .count(misrouted)),
            ("moved", .count(tally.moved)), ("stateGone", .count(tally.restarted)),
            ("staleFlows", .count(tally.stale)), ("ownDrops", .count(tally.ownDrops)),
            ("foreign", .count(tally.foreign)),
            (
                "generations",
                .object(
                    tally.generations.sorted { $0.key < $1.key }.map {
                        ("\($0.key)", .count($0.value))
                    })
            ),
            (
                "responses",
                .object(sortedResponses.map { ($0.0.name, .count($0.1)) })
            ),
            (
                "latencySeconds",
                .object(Self.percentiles.map { ($0, .number(percentile($1).seconds)) })
            ),
        ])
    }

    private func percentile(_ value: Double) -> Duration {
        .nanoseconds(Int64(clamping: tally.latency.valueAtPercentile(value)))
    }

    private static let percentiles: [(String, Double)] = [
        ("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100),
    ]
}
