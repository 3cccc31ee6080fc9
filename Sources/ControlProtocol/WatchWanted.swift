/// What is looked at after the flip of an upgrade, and for how long.
package struct WatchWanted: Codable, Equatable, Sendable {
    package var seconds: Double
    /// So many workers of the new generation may die before the old one takes over again.
    package var restarts: Int?
    /// So many datagrams may be dropped by the service's listeners until then; nil is any number.
    package var drops: Int?
    /// The command that must end with 0 each time.
    package var check: [String]?

    package init(
        seconds: Double, restarts: Int? = nil, drops: Int? = nil, check: [String]? = nil
    ) {
        self.seconds = seconds
        self.restarts = restarts
        self.drops = drops
        self.check = check
    }
}

/// An upgrade without a flip.
package struct DryRunWanted: Codable, Equatable, Sendable {
    /// The command that must end with 0 once the new generation is ready.
    package var check: [String]?

    package init(check: [String]? = nil) { self.check = check }
}

/// A current generation to which the one before may be preferred still.
package struct WatchStatus: Codable, Equatable, Sendable {
    package var secondsLeft: Double
    /// True while its check runs.
    package var isChecked: Bool?
    /// How many datagrams were dropped so far; nil where that has no limit.
    package var drops: Int?
    package var dropLimit: Int?
    /// Why the generation before takes over again, as soon as all its workers serve.
    package var failure: String?

    package init(
        secondsLeft: Double, isChecked: Bool? = nil, drops: Int? = nil, dropLimit: Int? = nil,
        failure: String? = nil
    ) {
        self.secondsLeft = secondsLeft
        self.isChecked = isChecked
        self.drops = drops
        self.dropLimit = dropLimit
        self.failure = failure
    }
}

/// How a watch has ended where the generation stays.
package struct WatchResult: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let passed = WatchResult(rawValue: "passed")
    /// Somebody was content before its time was over.
    package static let promoted = WatchResult(rawValue: "promoted")
    /// The old generation died: nothing could go back to it.
    package static let deserted = WatchResult(rawValue: "deserted")
    /// The generation should have given way, and could not.
    package static let failed = WatchResult(rawValue: "failed")
    /// Something else was asked for meanwhile.
    package static let brokenOff = WatchResult(rawValue: "brokenOff")
}
