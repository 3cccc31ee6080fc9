/// A generation that is being taken down without losing what it has been sent.
package struct Retiring: Hashable, Codable, Sendable {
    /// How far it has come.
    enum Step: Hashable, Codable, Sendable {
        /// Its workers read what is queued, until then at the latest.
        case emptying(until: Instant)
        case lingering(until: Instant)
        /// Its workers are being stopped.
        case stopping
    }

    /// What was cut off.
    enum Cut: Hashable, Codable, Sendable {
        case nothing
        /// As counted last before the re-steer.
        case flows(Int)
    }

    var errand: Errand
    var step: Step
    var cut: Cut
}
