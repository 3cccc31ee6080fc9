/// One listener and what has passed through it.
package struct ListenerStatus: Codable, Equatable, Sendable {
    package var address: String
    package var steering: String
    package var counters: ListenerCounters
    /// Why this steering, where it was chosen by itself or fell short of what was asked.
    package var steeringReason: String?
    /// Live flows; nil where the steering remembers none.
    package var flows: Int?
    /// What is not as it ought to be with its sockets, or was not at the last look; nil where the
    /// supervisor is older.
    package var problems: [String]?
    /// Whether new flows may go astray because of that; nil where the supervisor is older.
    package var isHarmed: Bool?

    package init(
        address: String, steering: String, counters: ListenerCounters,
        steeringReason: String? = nil, flows: Int? = nil, problems: [String]? = nil,
        isHarmed: Bool? = nil
    ) {
        self.address = address
        self.steering = steering
        self.counters = counters
        self.steeringReason = steeringReason
        self.flows = flows
        self.problems = problems
        self.isHarmed = isHarmed
    }
}
