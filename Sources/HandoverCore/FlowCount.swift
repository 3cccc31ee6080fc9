/// The flows pinned to a generation's slots at one moment.
package struct FlowCount: Hashable, Codable, Sendable {
    /// Flows with a second datagram at least 1 ms after the first, not idle yet: sessions.
    package var confirmed: Int
    /// All flows with no such second datagram, not idle yet.
    package var unconfirmed: Int
    /// Of the unconfirmed ones those that were seen within the last `Policy.unconfirmedHold` or so.
    package var recentUnconfirmed: Int

    package init(confirmed: Int, unconfirmed: Int = 0, recentUnconfirmed: Int = 0) {
        self.confirmed = confirmed
        self.unconfirmed = unconfirmed
        self.recentUnconfirmed = recentUnconfirmed
    }
}
