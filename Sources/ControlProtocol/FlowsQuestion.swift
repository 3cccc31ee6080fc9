/// Which flows are asked for, and how long somebody looks.
package struct FlowsQuestion: Codable, Equatable, Sendable {
    /// More rows than this are not told.
    package static let most = 1000
    /// Nobody looks for longer.
    package static let longest = 600.0

    package enum Sort: String, Codable, Sendable, CaseIterable {
        /// Who was seen last comes first.
        case seen
        /// Who is there for longest comes first, as far as that is known.
        case age
    }

    /// nil for all.
    package var generation: Int?
    /// A worker's index in its generation; nil for all.
    package var worker: Int?
    package var sort: Sort?
    /// How many rows; nil for 20.
    package var limit: Int?
    /// How long to look; nil for a second, and on until each flow that sends was seen, but less than two seconds.
    package var seconds: Double?

    package init(
        generation: Int? = nil, worker: Int? = nil, sort: Sort? = nil, limit: Int? = nil,
        seconds: Double? = nil
    ) {
        self.generation = generation
        self.worker = worker
        self.sort = sort
        self.limit = limit
        self.seconds = seconds
    }

    /// The least and the most time of a look. Who has not said how long does not wait longer than for a first page.
    ///
    /// - Parameter interval: in which each flow that sends is told once.
    package func time(telling interval: Duration) -> ClosedRange<Duration> {
        if let seconds { return .seconds(seconds) ... .seconds(seconds) }
        // However short the interval is: who sends once a second is to be seen.
        let least = Duration.seconds(1)
        return least...min(max(interval, least) + .milliseconds(60), .milliseconds(1700))
    }

    /// The name of a number that may not be asked for; nil where all may.
    var unsound: String? {
        if let limit, !(0...Self.most ~= limit) { return "limit" }
        if let seconds, !(0...Self.longest ~= seconds) { return "seconds" }
        return nil
    }
}

/// One flow by its peer, and by what else tells it from others.
package struct FlowQuestion: Codable, Equatable, Sendable {
    /// `HOST:PORT`.
    package var peer: String
    /// Where its datagrams arrive; nil where the listener's address tells it.
    package var to: String?
    /// A listener by its address or name; nil for all.
    package var listener: String?

    package init(peer: String, to: String? = nil, listener: String? = nil) {
        self.peer = peer
        self.to = to
        self.listener = listener
    }
}
