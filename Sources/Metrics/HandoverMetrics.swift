import ControlProtocol

/// Upgrades, rollbacks and drains.
struct HandoverMetrics {
    private var handovers = MetricFamily(
        "relevo_handovers", .counter,
        "Handovers that are over: completed, incomplete (the new generation is current, and something is not as it ought to be), "
            + "failed (nothing has changed), rolledBack, aborted (a canary), dryRunPassed, dryRunFailed."
    )
    private var phases = MetricFamily(
        "relevo_handover_phase_seconds", .histogram, unit: "seconds",
        "How long the phases of handovers that are over took.")
    private var underWay = MetricFamily(
        "relevo_handover_under_way", .gauge, "Whether a handover is under way: 1 or 0.")
    private var rollback = MetricFamily(
        "relevo_rollback_under_way", .gauge,
        "Whether the new generation has given way to the old one and drains: 1 or 0.")
    private var canary = MetricFamily(
        "relevo_canary_share_ratio", .gauge, unit: "ratio",
        "The part of the clients that gets a generation which is tried out; 0 while none is.")
    private var watch = MetricFamily(
        "relevo_watch_active", .gauge,
        "Whether the current generation may have to give way again: 1 or 0.")
    private var watchLeft = MetricFamily(
        "relevo_watch_left_seconds", .gauge, unit: "seconds",
        "Until the watch over the current generation ends; 0 while there is none.")
    private var watchFailed = MetricFamily(
        "relevo_watch_failed", .gauge,
        "Whether the current generation ought to give way, and the one before cannot take over yet: 1 or 0."
    )
    private var age = MetricFamily(
        "relevo_handover_age_seconds", .gauge, unit: "seconds",
        "How long ago the handover under way was asked for; 0 while there is none.")
    private var drainLeft = MetricFamily(
        "relevo_drain_left_seconds", .gauge, unit: "seconds",
        "Until the drain that takes longest is cut short; absent where none has a deadline.")
    private var drainLikely = MetricFamily(
        "relevo_drain_likely_seconds", .gauge, unit: "seconds",
        "Until the drain that takes longest is likely to end by itself, by the rate at which its sessions have ended "
            + "lately; absent where that tells nothing of one of them.")
    private var drainSessions = MetricFamily(
        "relevo_drain_sessions", .gauge,
        "Sessions that hold drains at the moment: flows and those besides.")
    private var cut = MetricFamily(
        "relevo_last_handover_cut_sessions", .gauge,
        "Sessions that the last handover cut.")
    private var lost = MetricFamily(
        "relevo_last_handover_drops", .gauge, "Datagrams that were dropped in the last handover.")

    var families: [MetricFamily] {
        [
            handovers, phases, underWay, rollback, canary, watch, watchLeft, watchFailed, age,
            drainLeft, drainLikely, drainSessions, cut, lost,
        ]
    }

    mutating func add(_ status: ServiceStatus, _ service: Label) {
        if let tally = status.tally { add(tally, service) }
        underWay.add(status.handover == nil ? 0 : 1, [service])
        rollback.add(Self.goesBack(status) ? 1 : 0, [service])
        let share = status.generations.compactMap(\.canary?.share).max() ?? 0
        canary.add(share / 100, [service])
        let watched = status.generations.compactMap(\.watch)
        watch.add(watched.isEmpty ? 0 : 1, [service])
        watchLeft.add(watched.map(\.secondsLeft).max() ?? 0, [service])
        watchFailed.add(watched.contains { $0.failure != nil } ? 1 : 0, [service])
        age.add(status.handover?.seconds ?? 0, [service])
        let draining = status.generations.filter { $0.state == .draining }
        if let left = draining.compactMap(\.drainSecondsLeft).max() {
            drainLeft.add(left, [service])
        }
        let likely = draining.compactMap(\.drainSecondsLikely)
        // What is unknown of one is so of the longest.
        if likely.count == draining.count, let longest = likely.max() {
            drainLikely.add(longest, [service])
        }
        let held = draining.reduce(0.0) { sum, generation in
            sum + Double(generation.flows) + Self.sum(of: generation.outside)
        }
        drainSessions.add(held, [service])
        guard let last = status.lastHandover else { return }
        cut.add(Double(last.cutFlows) + Self.sum(of: last.cutOutside), [service])
        lost.add(last.drops, [service])
    }

    /// A handover is over, and counted, when its drain is: who looks for rollbacks is not to wait for that.
    private static func goesBack(_ status: ServiceStatus) -> Bool {
        guard let handover = status.handover else { return false }
        return [.drain, .retire].contains(handover.phase) && status.current == handover.from
    }

    /// As numbers that cannot overflow, whatever they are.
    private static func sum(of outside: OutsideStatus?) -> Double {
        guard let outside else { return 0 }
        let parts = [outside.connections, outside.connected, outside.ports]
        return parts.reduce(0.0) { $0 + Double($1) }
    }

    private mutating func add(_ tally: ServiceTally, _ service: Label) {
        let counts: [(String, Int?)] = [
            ("completed", tally.handovers.completed), ("incomplete", tally.handovers.incomplete),
            ("failed", tally.handovers.failed), ("rolledBack", tally.handovers.rolledBack),
            ("aborted", tally.handovers.aborted), ("dryRunPassed", tally.handovers.dryRunPassed),
            ("dryRunFailed", tally.handovers.dryRunFailed),
        ]
        for case (let result, let count?) in counts {
            handovers.add(count, [service, Label("result", result)])
        }
        var known: Set<String> = []
        for phase in tally.phases where Self.phases.contains(phase.phase) {
            // A newer supervisor may have other classes.
            guard phase.counts.count == PhaseTally.bounds.count + 1,
                known.insert(phase.phase.rawValue).inserted
            else { continue }
            phases.add(
                bounds: PhaseTally.bounds, counts: phase.counts, sum: phase.seconds,
                [service, Label("phase", phase.phase.rawValue)])
        }
    }

    private static let phases: [HandoverPhase] = [
        .start, .ready, .canary, .flip, .drain, .retire,
    ]
}

/// What the supervisors themselves take of the machine.
struct SupervisorMetrics {
    private var time = MetricFamily(
        "relevo_supervisor_cpu_seconds", .counter, unit: "seconds",
        "Processor time of the supervisor, its workers not included.")
    private var memory = MetricFamily(
        "relevo_supervisor_resident_bytes", .gauge, unit: "bytes",
        "Memory of the supervisor, tables of flows that it looks at included.")
    private var descriptors = MetricFamily(
        "relevo_supervisor_descriptors", .gauge, "Descriptors that the supervisor has open.")
    private var limit = MetricFamily(
        "relevo_supervisor_descriptors_limit", .gauge,
        "Descriptors that the supervisor may have open; absent where there is no limit.")

    var families: [MetricFamily] { [time, memory, descriptors, limit] }

    mutating func add(_ status: ServiceStatus, _ service: Label) {
        guard let own = status.supervisor else { return }
        time.add(own.cpuSeconds, [service])
        memory.add(own.residentBytes, [service])
        descriptors.add(own.descriptors, [service])
        if let most = own.descriptorLimit { limit.add(most, [service]) }
    }
}
