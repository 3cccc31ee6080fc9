/// What `bench steering` found, and how it compares with the bars.
struct SteeringResult {
    /// The medians at one number of flows.
    struct Row {
        let flows: Int
        let costs: [SteeringSubject.Kind: SteeringTraffic.Cost]
        /// Flows that the table held at the end.
        let live: Int
        /// QUIC connections that its table held at the end.
        let connections: Int
        /// How long it took to count them.
        let counting: Duration
        /// How long the next supervisor would need to take them over.
        let takeover: Duration
        /// Bytes of the table that look-ups reach, of flow steering and by itself.
        let table: Int
        /// Of all tables while they were measured.
        let sizes: Set<Int>
        /// By which rules datagrams went.
        let rules: [SteeringRules]

        /// Nanoseconds in a program besides those of the empty one.
        func net(_ kind: SteeringSubject.Kind) -> Double {
            (costs[kind]?.program ?? 0) - (costs[.empty]?.program ?? 0)
        }
    }

    var rows: [Row] = []

    /// Net nanoseconds of the nearest peer at 8,000 flows, whose machine ran an empty program in 63.
    private static let peer = (net: 633.0, empty: 63.0)

    /// Each bar that can be judged by these rows.
    private var bars: [SteeringBar] {
        var bars = rows.map {
            SteeringBar(
                name: "flows kept of \($0.flows)", limit: Double($0.flows), found: Double($0.live),
                isExact: true)
        }
        bars += rows.map {
            SteeringBar(
                name: "connections kept of \($0.flows)", limit: Double($0.flows),
                found: Double($0.connections), isExact: true)
        }
        bars += rows.filter { SteeringBench.compared.contains($0.flows) }.map {
            SteeringBar(
                name: "sizes of tables at \($0.flows)", limit: 1, found: Double($0.sizes.count),
                isExact: true)
        }
        func add(_ name: String, _ limit: Double, _ found: Double) {
            bars.append(SteeringBar(name: name, limit: limit, found: found))
        }
        for count in [1000, 100_000] {
            guard let row = row(count) else { continue }
            add(
                "flow while nobody looks by one that cannot tell at \(count), net, %", 105,
                100 * row.net(.flow) / row.net(.untelling))
            for kind in [SteeringSubject.Kind.quic, .nginx] {
                add(
                    "\(kind) by flow at \(count), net, %", 130,
                    100 * row.net(kind) / row.net(.flow))
            }
            for kind in [SteeringSubject.Kind.wireguard, .dtls] {
                add(
                    "\(kind) by flow at \(count), net, %", 150,
                    100 * row.net(kind) / row.net(.flow))
            }
        }
        if let row = row(8000), let empty = row.costs[.empty]?.program {
            let limit = Self.peer.net / 2 * empty / Self.peer.empty
            add("net at 8000 flows, ns", limit, row.net(.flow))
        }
        if let many = row(1_000_000) {
            if let few = row(1000) {
                add("net at 1000000 flows, ns", 2 * few.net(.flow), many.net(.flow))
            }
            add("counting 1000000 flows, µs", 20_000, many.counting / .microseconds(1))
            add("taking over 1000000 flows, µs", 10_000, many.takeover / .microseconds(1))
            add("table for 1000000 flows, KiB", 32_768, Double(many.table >> 10))
        }
        return bars
    }

    var meetsBars: Bool { bars.allSatisfy(\.isMet) }

    /// For people.
    var table: String {
        var lines = [
            line(
                "flows", "live", "empty", "lru", "flow", "quic", "lru net", "flow net",
                "mute net", "look net", "quic net", "nginx net", "wg net", "dtls net", "loop none",
                "flow", "quic",
                "KiB", "count µs", "take µs")
        ]
        for row in rows {
            let costs = row.costs
            lines.append(
                line(
                    "\(row.flows)", "\(row.live)", whole(costs[.empty]?.program),
                    whole(costs[.lru]?.program), whole(costs[.flow]?.program),
                    whole(costs[.quic]?.program), whole(row.net(.lru)), whole(row.net(.flow)),
                    whole(row.net(.untelling)), whole(row.net(.lookedAt)), whole(row.net(.quic)),
                    whole(row.net(.nginx)), whole(row.net(.wireguard)),
                    whole(row.net(.dtls)),
                    whole(costs[.none]?.loop), whole(costs[.flow]?.loop),
                    whole(costs[.quic]?.loop), "\(row.table >> 10)",
                    whole(row.counting / .microseconds(1)),
                    whole(row.takeover / .microseconds(1))))
        }
        for row in rows {
            lines += ["", "\(row.flows) flows, by rule"] + row.rules.map { "  \($0.text)" }
        }
        lines.append("")
        let widest = bars.map(\.name.count).max() ?? 0
        for bar in bars {
            let name = bar.name + String(repeating: " ", count: widest - bar.name.count)
            lines.append(
                "\(name)  limit \(whole(bar.limit))  figure \(whole(bar.found))  "
                    + (bar.isMet ? "met" : "MISSED"))
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
                { "flows": \(row.flows), "live": \(row.live), \
                "connections": \(row.connections), "table": \(row.table), \
                "countingMicroseconds": \(number(row.counting / .microseconds(1))), \
                "takeoverMicroseconds": \(number(row.takeover / .microseconds(1))), \
                "net": \(number(row.net(.flow))), \
                "rules": { \(row.rules.map(\.json).joined(separator: ", ")) }, \
                \(costs.joined(separator: ", ")) }
                """
        }
        let bars = bars.map {
            """
            { "name": "\($0.name)", "limit": \(number($0.limit)), "found": \(number($0.found)), \
            "met": \($0.isMet) }
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
