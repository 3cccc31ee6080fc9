/// What `bench steering` found, and how it compares with the bars.
struct SteeringResult {
    /// The medians at one number of flows.
    struct Row {
        let flows: Int
        let costs: [SteeringSubject.Kind: SteeringTraffic.Cost]
        /// Flows that the table held at the end.
        let live: Int

        /// Nanoseconds in a program besides those of the empty one.
        func net(_ kind: SteeringSubject.Kind) -> Double {
            (costs[kind]?.program ?? 0) - (costs[.empty]?.program ?? 0)
        }
    }

    var rows: [Row] = []

    /// Net nanoseconds of the nearest peer at 8,000 flows, whose machine ran an empty program in 63.
    private static let peer = (net: 633.0, empty: 63.0)

    /// Each bar that can be judged by these rows: what it is, what it allows, what was found.
    private var bars: [(name: String, limit: Double, found: Double)] {
        var bars: [(String, Double, Double)] = []
        if let few = row(1000), let many = row(1_000_000) {
            bars.append(("net at 1,000,000 flows, ns", 2 * few.net(.flow), many.net(.flow)))
        }
        if let row = row(8000), let empty = row.costs[.empty]?.program {
            let limit = Self.peer.net / 2 * empty / Self.peer.empty
            bars.append(("net at 8,000 flows, ns", limit, row.net(.flow)))
        }
        return bars
    }

    var meetsBars: Bool {
        bars.allSatisfy { $0.found <= $0.limit } && rows.allSatisfy { $0.live == $0.flows }
    }

    /// For people.
    var table: String {
        var lines = [
            line(
                "flows", "live", "empty", "lru", "flow", "lru net", "flow net", "loop none", "flow")
        ]
        for row in rows {
            let costs = row.costs
            lines.append(
                line(
                    "\(row.flows)", "\(row.live)", whole(costs[.empty]?.program),
                    whole(costs[.lru]?.program), whole(costs[.flow]?.program),
                    whole(row.net(.lru)), whole(row.net(.flow)), whole(costs[.none]?.loop),
                    whole(costs[.flow]?.loop)))
        }
        for bar in bars {
            let verdict = bar.found <= bar.limit ? "met" : "MISSED"
            lines.append(
                "\(bar.name): \(whole(bar.found)) of \(whole(bar.limit)) allowed, \(verdict)")
        }
        return lines.joined(separator: "\n")
    }

    /// For programs.
    var json: String {
        let rows = rows.map { row -> String in
            let costs = SteeringSubject.Kind.allCases.map { kind in
                let cost = row.costs[kind]
                return """
                    "\(kind.rawValue)": { "program": \(number(cost?.program)), \
                    "loop": \(number(cost?.loop)) }
                    """
            }
            return """
                { "flows": \(row.flows), "live": \(row.live), "net": \(number(row.net(.flow))), \
                \(costs.joined(separator: ", ")) }
                """
        }
        let bars = bars.map {
            """
            { "name": "\($0.name)", "limit": \(number($0.limit)), "found": \(number($0.found)), \
            "met": \($0.found <= $0.limit) }
            """
        }
        return """
            { "unit": "ns", "rows": [\(rows.joined(separator: ", "))], \
            "bars": [\(bars.joined(separator: ", "))] }
            """
    }

    private func row(_ flows: Int) -> Row? { rows.first { $0.flows == flows } }

    private func line(_ cells: String...) -> String {
        cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }.joined()
    }

    private func whole(_ value: Double?) -> String { value.map { "\(Int($0.rounded()))" } ?? "-" }

    private func number(_ value: Double?) -> String {
        value.map { "\(($0 * 10).rounded() / 10)" } ?? "null"
    }
}
