/// A handover under way, kept by whichever generation is on the move: the new one until the flip, then
/// the one that leaves.
package struct Handover: Hashable, Codable, Sendable {
    package internal(set) var from: GenerationID
    package internal(set) var to: GenerationID
    /// Who asked for it, nil where that was nobody.
    package internal(set) var request: RequestID?
    /// What its report will say, if nothing changes.
    package internal(set) var outcome: HandoverOutcome = .completed
    package internal(set) var phases = HandoverPhases()
    package internal(set) var drops = 0
    /// When the phase under way began.
    package private(set) var phaseBegan: Instant

    init(from: GenerationID, to: GenerationID, request: RequestID?, at now: Instant) {
        self.from = from
        self.to = to
        self.request = request
        phaseBegan = now
    }

    /// Books the time since the last phase's end on `phase`.
    mutating func end(_ phase: WritableKeyPath<HandoverPhases, Duration>, at now: Instant) {
        phases[keyPath: phase] = now - phaseBegan
        phaseBegan = now
    }

    /// Whether the new generation leaves and the old one stays.
    var leavesBackward: Bool {
        switch outcome {
        case .completed: false
        case .failed, .rolledBack: true
        }
    }

    /// The generation that ends with it.
    var leaving: GenerationID { leavesBackward ? to : from }

    /// The generation that serves on.
    var arriving: GenerationID { leavesBackward ? from : to }

    /// The other generation leaves instead, and its drain begins now.
    mutating func turn(
        from: GenerationID, to: GenerationID, _ outcome: HandoverOutcome, _ turn: Turn
    ) {
        self.from = from
        self.to = to
        self.outcome = outcome
        phases.drain = .zero
        phaseBegan = turn.now
    }

    func report(cutFlows: Int) -> HandoverReport {
        HandoverReport(
            from: from, to: to, request: request, outcome: outcome, phases: phases,
            cutFlows: cutFlows, drops: drops)
    }
}
