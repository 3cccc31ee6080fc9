import Steering

/// By which rules the datagrams of a measurement went.
struct SteeringRules {
    let kind: SteeringSubject.Kind
    /// In the order of the program.
    let counts: [(name: String, count: UInt64)]

    /// nil where nothing is remembered.
    init?(
        _ kind: SteeringSubject.Kind, _ counters: SteeringCounters, since before: SteeringCounters?
    ) {
        guard let before else { return nil }
        self.kind = kind
        let (now, then) = (counters.rules ?? RuleCounters(), before.rules ?? RuleCounters())
        func since(_ count: (RuleCounters) -> UInt64) -> UInt64 { count(now) - count(then) }
        let (tuple, owner) = (since(\.tuple), since(\.owner))
        let pinned = counters.pinned - before.pinned
        // The programs with ids tell of 4-tuples where ids come first; elsewhere all that is known is one.
        let isTuple = counters.rules == nil || kind == .wireguard
        let rest = pinned - min(pinned, tuple + owner)
        counts = [
            ("id", isTuple ? since(\.rebound) : rest), ("owner", owner),
            ("tuple", isTuple ? rest - min(rest, since(\.rebound)) : tuple),
            ("new", counters.newFlows - before.newFlows), ("learned", since(\.learned)),
            ("rebound", since(\.rebound)), ("hinted", since(\.hinted)),
            ("copied", since(\.copied)), ("guessed", since(\.guessed)),
            ("unknown", since(\.unknown)),
        ]
    }

    var text: String {
        let parts = counts.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }
        return "\(kind.rawValue): \(parts.isEmpty ? "nothing" : parts.joined(separator: ", "))"
    }

    var json: String {
        let fields = counts.map { "\"\($0.name)\": \($0.count)" }.joined(separator: ", ")
        return "\"\(kind.rawValue)\": { \(fields) }"
    }
}
