/// What came of a load of sessions.
struct SessionReport {
    let tally: SessionTally
    let plan: SessionPlan
    let duration: Duration

    /// What is wrong, a phrase each.
    var faults: [String] {
        var faults: [String] = []
        if tally.sent == 0 { faults.append("nothing was sent") }
        if tally.broken > 0 { faults.append("\(tally.broken) sessions broken") }
        if tally.lost > 0 { faults.append("\(tally.lost) lost") }
        if tally.refused > 0 { faults.append("\(tally.refused) refused") }
        if tally.misrouted > 0 { faults.append("\(tally.misrouted) misrouted") }
        if tally.stale > 0 { faults.append("\(tally.stale) new sessions at an old generation") }
        if tally.ownDrops > 0 {
            faults.append(
                "\(tally.ownDrops) answers dropped by this program itself, so that nothing is "
                    + "proven: lower --rate")
        }
        return faults
    }

    var isGood: Bool { faults.isEmpty }

    private static let changes: [ClientSession.Change] = [.rebind, .rotate, .migrate]

    var text: String {
        let seconds = max(duration.seconds, 1e-9)
        let generations = tally.generations.sorted { $0.key < $1.key }
            .map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        let changes = Self.changes.map { "\($0.rawValue) \(tally.changes[$0] ?? 0)" }
        let broken = ([.none] + Self.changes).filter { tally.brokenAfter[$0] != nil }
            .map { "\($0 == .none ? "nothing" : $0.rawValue) \(tally.brokenAfter[$0] ?? 0)" }
        return [
            "sessions    \(tally.opened) (\(plan.form.rawValue)), clients' \(changes.joined(separator: ", "))",
            "sent        \(tally.sent) datagrams in \(duration.short), "
                + "\((Double(tally.sent) / seconds).digits) a second",
            "answered    \(tally.answered)   by generation  \(generations)",
            "lost        \(tally.lost)",
            "refused     \(tally.refused)",
            "misrouted   \(tally.misrouted)   new sessions at an old generation \(tally.stale)",
            "broken      \(tally.broken)"
                + (broken.isEmpty ? "" : "   after \(broken.joined(separator: ", "))"),
            isGood
                ? "result      no session broken, nothing lost"
                : "result      FAILED: \(faults.joined(separator: ", "))",
        ].joined(separator: "\n")
    }

    var json: JSONText {
        func counts(_ values: [ClientSession.Change: UInt64]) -> JSONText {
            .object(([.none] + Self.changes).map { ($0.rawValue, .count(values[$0] ?? 0)) })
        }
        return .object([
            ("ok", .flag(isGood)), ("faults", .list(faults.map { .text($0) })),
            ("protocol", .text(plan.form.rawValue)), ("seconds", .number(duration.seconds)),
            ("sessions", .count(tally.opened)), ("broken", .count(tally.broken)),
            ("brokenAfter", counts(tally.brokenAfter)), ("changes", counts(tally.changes)),
            ("sent", .count(tally.sent)), ("answered", .count(tally.answered)),
            ("lost", .count(tally.lost)), ("refused", .count(tally.refused)),
            ("misrouted", .count(tally.misrouted)), ("stale", .count(tally.stale)),
            ("ownDrops", .count(tally.ownDrops)),
            (
                "generations",
                .object(
                    tally.generations.sorted { $0.key < $1.key }.map {
                        ("\($0.key)", .count($0.value))
                    })
            ),
        ])
    }
}
