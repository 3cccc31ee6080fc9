/// What a supervisor has seen happen since its start, counted; a counter never falls while it runs.
package struct ServiceTally: Codable, Equatable, Sendable {
    /// Handovers that are over.
    package private(set) var handovers = HandoverTally()
    /// How long the phases of those took that got that far.
    package private(set) var phases: [PhaseTally]
    /// Workers started again after a crash.
    package private(set) var workerRestarts = 0

    /// Nothing has happened yet.
    package init() {
        phases = HandoverPhase.inOrder.map { PhaseTally(phase: $0) }
    }

    /// A handover is over.
    package mutating func add(_ summary: HandoverSummary) {
        handovers.add(summary)
        // What never flips says nothing of how long that takes.
        if summary.isDryRun == true { return }
        for index in phases.indices {
            guard let time = summary.phases[phases[index].phase] else { continue }
            phases[index].add(time)
        }
    }

    /// A worker is started again.
    package mutating func addRestart() { workerRestarts += 1 }
}

/// Handovers by how they ended.
package struct HandoverTally: Codable, Equatable, Sendable {
    package private(set) var completed = 0
    package private(set) var incomplete = 0
    package private(set) var failed = 0
    package private(set) var rolledBack = 0
    /// Canaries that gave their share back.
    package private(set) var aborted = 0
    /// Dry runs that went well, and those that did not, which none of the others counts; nil where the supervisor is
    /// older.
    package private(set) var dryRunPassed: Int? = 0
    package private(set) var dryRunFailed: Int? = 0

    package init() {}

    mutating func add(_ summary: HandoverSummary) {
        if summary.isDryRun == true { return addDryRun(summary.result) }
        switch summary.result {
        case .completed: completed += 1
        case .failed: failed += 1
        case .rolledBack: rolledBack += 1
        case .aborted: aborted += 1
        default: incomplete += 1
        }
    }

    private mutating func addDryRun(_ result: HandoverResult) {
        if result == .passed {
            dryRunPassed = (dryRunPassed ?? 0) + 1
        } else {
            dryRunFailed = (dryRunFailed ?? 0) + 1
        }
    }
}

/// How long one phase took, over all handovers.
package struct PhaseTally: Codable, Equatable, Sendable {
    /// The upper bounds of the classes, in seconds: from a flip, which is one store, to a drain of hours.
    package static let bounds = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 86_400]

    package let phase: HandoverPhase
    /// All times together.
    package private(set) var seconds = 0.0
    /// How many took at most as long as each of the bounds and longer than the one before, then how many took
    /// longer than all.
    package private(set) var counts = [Int](repeating: 0, count: PhaseTally.bounds.count + 1)

    init(phase: HandoverPhase) { self.phase = phase }

    mutating func add(_ time: Double) {
        seconds += time
        counts[Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count] += 1
    }
}

extension HandoverPhase {
    static let inOrder: [HandoverPhase] = [.start, .ready, .canary, .flip, .drain, .retire]
}

extension HandoverTimes {
    subscript(phase: HandoverPhase) -> Double? {
        switch phase {
        case .start: start
        case .ready: ready
        case .canary: canary
        case .flip: flip
        case .drain: drain
        case .retire: retire
        default: nil
        }
    }
}
