/// What a long operation says while it goes on.
package struct OperationProgress: Codable, Equatable, Sendable {
    /// Sent once when the phase is over, and during a drain about once a second.
    package var phase: HandoverPhase
    /// Whether the phase is over; if not, this is news from inside it.
    package var over: Bool
    /// The new generation up to the flip, the old one from the drain on.
    package var generation: Int
    /// Since the request.
    package var seconds: Double
    /// Flows still live on what drains.
    package var flowsLeft: Int?
    /// What else it has.
    package var outsideLeft: OutsideStatus?
    /// Until the drain's end at the latest.
    package var secondsLeft: Double?
    /// Until the drain is likely to end by itself; nil where nothing tells.
    package var secondsLikely: Double?
    package var message: String?

    package init(
        phase: HandoverPhase, over: Bool, generation: Int, seconds: Double,
        flowsLeft: Int? = nil, outsideLeft: OutsideStatus? = nil, secondsLeft: Double? = nil,
        secondsLikely: Double? = nil, message: String? = nil
    ) {
        self.phase = phase
        self.over = over
        self.generation = generation
        self.seconds = seconds
        self.flowsLeft = flowsLeft
        self.outsideLeft = outsideLeft
        self.secondsLeft = secondsLeft
        self.secondsLikely = secondsLikely
        self.message = message
    }
}
