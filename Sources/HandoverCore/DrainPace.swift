/// How fast the sessions of a generation that drains end, as their counts have shown.
///
/// It remembers a few counts of the whole drain, and looks at the last half of it: who stays longest ends last, so
/// that what was true at the beginning says little about the end.
package struct DrainPace: Hashable, Codable, Sendable {
    private struct Count: Hashable, Codable, Sendable {
        let at: Instant
        let left: Int
    }

    /// Every second one is forgotten when there are more.
    private static let most = 16
    /// What ends within a shorter time is chance.
    private static let shortest = Duration.seconds(3)
    /// An end that is further away is not told.
    private static let longest = 365.0 * 86_400

    private var counts: [Count] = []
    /// The time between two counts that are remembered.
    private var step = Duration.seconds(1)
    private var newest: Count?

    /// Takes note of how many sessions are left. What a drain does not wait for is none.
    mutating func note(_ left: Int, at now: Instant) {
        let count = Count(at: now, left: left)
        newest = count
        if let last = counts.last, now - last.at < step { return }
        counts.append(count)
        guard counts.count > Self.most else { return }
        counts = counts.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        step *= 2
    }

    /// When as few sessions are likely to be left as a drain may end with. nil where nothing tells: it is too early, or
    /// no session has ended in the last half of the drain.
    package func likelyEnd(keeping keep: Int) -> Instant? {
        guard let first = counts.first, let newest else { return nil }
        if newest.left <= keep { return newest.at }
        let middle = first.at + (newest.at - first.at) / 2
        guard let base = counts.first(where: { $0.at >= middle }) else { return nil }
        let time = newest.at - base.at
        let ended = base.left - newest.left
        guard time >= Self.shortest, ended > 0 else { return nil }
        let factor = Double(newest.left - keep) / Double(ended)
        let seconds = time.inSeconds * factor
        guard seconds < Self.longest else { return nil }
        return newest.at + .milliseconds(Int64(seconds * 1000))
    }
}

extension Duration {
    /// With their fraction.
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
