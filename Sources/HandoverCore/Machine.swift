/// The rules of handover and supervision: events and the time in, effects out, nothing else.
///
/// It holds no descriptor, clock or log, so it can be written down at any time and carried on by the
/// next supervisor: ids, deadlines and requests mean the same there.
package struct Machine: Hashable, Sendable {
    /// The limits in force; a change counts for what begins after it.
    package var policy: Policy
    /// In the order of their ids. One that is over stays to be shown until the next one begins.
    package internal(set) var generations: [Generation] = []
    package internal(set) var service: ServiceState = .idle
    /// Where `steerNewFlows` last sent new flows; nil before the first flip.
    package internal(set) var steering: SteeringTarget?
    /// The handover that ended last, failed ones included.
    package internal(set) var lastHandover: HandoverReport?
    var nextGeneration = GenerationID(1)

    package init(policy: Policy) {
        self.policy = policy
    }

    /// Takes an event in and says what is to be done about it, in order.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        []
    }

    /// When to hand in `tick` at the latest, if nothing else happens.
    package var nextDeadline: Instant? { nil }
}
