/// The current generation where generations may not overlap, on its way out.
package struct Yielding: Hashable, Codable, Sendable {
    /// How far it has come.
    enum Step: Hashable, Codable, Sendable {
        /// Its workers read what is queued, until then at the latest.
        case emptying(until: Instant)
        /// Its workers are being stopped.
        case stopping
    }

    /// Who gets the bank.
    enum Heir: Hashable, Codable, Sendable {
        case successor(Launch)
        /// The same launch as before: the handover was cancelled on the way.
        case revival(reason: String)
    }

    var handover: Handover
    var heir: Heir
    var step: Step
    /// The state to return to.
    let wasCurrent: Current
}
