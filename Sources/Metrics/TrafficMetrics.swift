import ControlProtocol

/// What passes through the listeners, and where the sessions are.
struct TrafficMetrics {
    /// More than a service can have: a supervisor that tells of more is not ours.
    private static let mostListeners = 1024

    private var flows = MetricFamily(
        "relevo_flows", .gauge, "Live flows by their generation's state.")
    private var sessions = MetricFamily(
        "relevo_sessions", .gauge,
        "Sessions that the workers say they have, by their generation's state; absent where none says so."
    )
    private var outside = MetricFamily(
        "relevo_outside_sessions", .gauge,
        "Sessions besides the flows, by their generation's state and by kind; counted while it drains."
    )
    private var listenerFlows = MetricFamily(
        "relevo_listener_flows", .gauge, "Live flows by listener.")
    private var datagrams = MetricFamily(
        "relevo_datagrams", .counter,
        "Datagrams, or connections over TCP, by what steered them: a flow that is known (pinned), a new one (new), neither (plain)."
    )
    private var fallback = MetricFamily(
        "relevo_fallbacks", .counter,
        "Times that a chosen socket was not there and another one was taken.")
    private var evicted = MetricFamily(
        "relevo_evictions", .counter, "Live flows forgotten to make room in a full table.")
    private var unrecorded = MetricFamily(
        "relevo_unrecorded_datagrams", .counter,
        "Datagrams of new flows that found no room in the table: served, and not remembered.")
    private var drops = MetricFamily(
        "relevo_drops", .counter,
        "Datagrams that the kernel dropped because a receive buffer was full, or that were left unread."
    )
    private var possibleDrops = MetricFamily(
        "relevo_possible_drops", .counter,
        "Copies of multicast and broadcast that were kept from old sockets, or losses: nobody can tell."
    )
    private var rules = MetricFamily(
        "relevo_steering_rules", .counter,
        "Where sessions have ids: times that a rule told where a datagram goes.")
    private var problems = MetricFamily(
        "relevo_listener_problems", .gauge, "What is not as it ought to be, by its number.")
    private var harmed = MetricFamily(
        "relevo_listener_harmed", .gauge, "Whether new flows may go astray: 1 or 0.")
    private var tableFlows = MetricFamily(
        "relevo_table_flows", .gauge, "Live flows in a table, which listeners may share.")
    private var capacity = MetricFamily(
        "relevo_table_capacity", .gauge, "Live flows that fit into a table without the loss of one."
    )
    private var tableBytes = MetricFamily(
        "relevo_table_bytes", .gauge, unit: "bytes", "Memory of the kernel that a table takes.")

    var families: [MetricFamily] {
        [
            flows, sessions, outside, listenerFlows, datagrams, fallback, evicted, unrecorded,
            drops, possibleDrops, rules, problems, harmed, tableFlows, capacity, tableBytes,
        ]
    }

    mutating func add(_ status: ServiceStatus, _ service: Label) {
        addSessions(of: status, service)
        var known: Set<String> = []
        // The same address twice would be the same sample twice, and that the end of the whole answer.
        for listener in status.listeners.prefix(Self.mostListeners) {
            let label = Label("listener", listener.address)
            guard known.insert(label.value).inserted else { continue }
            add(listener, [service, label])
        }
        for (index, table) in (status.tables ?? []).prefix(Self.mostListeners).enumerated() {
            let labels = [service, Label("table", "\(index + 1)")]
            tableFlows.add(table.flows, labels)
            capacity.add(table.capacity, labels)
            tableBytes.add(table.bytes, labels)
        }
    }

    private mutating func addSessions(of status: ServiceStatus, _ service: Label) {
        let byRole = Dictionary(
            grouping: status.generations, by: { GenerationRole($0.state) })
        for role in [GenerationRole.starting, .current, .draining, .retiring] {
            let labels = [service, Label("generation", role.rawValue)]
            let members = byRole[role] ?? []
            flows.add(members.reduce(0.0) { $0 + Double($1.flows) }, labels)
            let told = members.flatMap(\.workers).compactMap(\.sessions)
            if !told.isEmpty { sessions.add(told.reduce(0.0) { $0 + Double($1) }, labels) }
            let others = members.compactMap(\.outside)
            guard !others.isEmpty else { continue }
            for (kind, count) in [
                ("connection", \OutsideStatus.connections), ("connected", \.connected),
                ("port", \.ports),
            ] {
                outside.add(
                    others.reduce(0.0) { $0 + Double($1[keyPath: count]) },
                    labels + [Label("kind", kind)])
            }
        }
    }

    private mutating func add(_ listener: ListenerStatus, _ labels: [Label]) {
        let counters = listener.counters
        if let flows = listener.flows { listenerFlows.add(flows, labels) }
        let pinned = Double(counters.pinned)
        let new = Double(counters.newFlows)
        let plain = max(0, Double(counters.datagrams) - pinned - new)
        for (outcome, count) in [("pinned", pinned), ("new", new), ("plain", plain)] {
            datagrams.add(count, labels + [Label("outcome", outcome)])
        }
        fallback.add(counters.fallback, labels)
        evicted.add(counters.evicted, labels)
        unrecorded.add(counters.unrecorded, labels)
        drops.add(counters.drops, labels)
        possibleDrops.add(counters.possibleDrops ?? 0, labels)
        if let counts = counters.rules { add(counts, labels) }
        problems.add(listener.problems?.count ?? 0, labels)
        harmed.add(listener.isHarmed == true ? 1 : 0, labels)
    }

    private mutating func add(_ counts: RuleCounts, _ labels: [Label]) {
        for (rule, count) in [
            ("tuple", counts.tuple), ("learned", counts.learned), ("rebound", counts.rebound),
            ("hinted", counts.hinted), ("guessed", counts.guessed), ("unknown", counts.unknown),
            ("moved", counts.moved), ("owner", counts.owner),
            ("copied", counts.copied ?? 0), ("uncopied", counts.uncopied ?? 0),
        ] {
            rules.add(count, labels + [Label("rule", rule)])
        }
    }
}
