/// A handover told from its end.
package struct HandoverReport: Hashable, Codable, Sendable {
    package let from: GenerationID
    package let to: GenerationID
    package let request: RequestID?
    package let outcome: HandoverOutcome
    package var phases: HandoverPhases
    /// Confirmed flows still live when the drain was cut by its deadline or by the service's end.
    package let cutFlows: Int
    /// Datagrams lost in the leaving generation's slots, as told by `Event.dropsCounted` so far.
    package var drops: Int

    package init(
        from: GenerationID, to: GenerationID, request: RequestID?, outcome: HandoverOutcome,
        phases: HandoverPhases, cutFlows: Int, drops: Int
    ) {
        self.from = from
        self.to = to
        self.request = request
        self.outcome = outcome
        self.phases = phases
        self.cutFlows = cutFlows
        self.drops = drops
    }

    /// The generation that ended with it.
    package var leaving: GenerationID {
        switch outcome {
        case .completed: from
        case .failed, .rolledBack: to
        }
    }

    /// The generation that serves on.
    package var arriving: GenerationID {
        switch outcome {
        case .completed: to
        case .failed, .rolledBack: from
        }
    }
}
