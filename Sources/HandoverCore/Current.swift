/// The generation that new flows go to.
package struct Current: Hashable, Codable, Sendable {
    /// How it became current.
    enum Origin: Hashable, Codable, Sendable {
        case first
        case upgrade
        /// By a rollback, after which nothing is rolled back by itself.
        case rollback
        case revival
        /// On the bank of one that was stopped for it.
        case succession
    }

    let origin: Origin
    /// The flip.
    let since: Instant
    /// Its workers' deaths within `Policy.crashWindow` of the flip.
    var crashes = 0
}
