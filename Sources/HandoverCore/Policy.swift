/// The operator's limits and choices; a missing key decodes as its default.
package struct Policy: Hashable, Sendable {
    /// Whether two generations may run at once; if not, the old one is stopped before the new one starts.
    package var overlap = true
    /// How long a started worker may take to get ready.
    package var readyTimeout: Duration = .seconds(30)
    /// How long an old generation may keep its flows; nil is for ever, zero is at once.
    package var drainTimeout: Duration? = .seconds(3600)
    /// How long the end of the service may wait for flows, where that is less; nil is `drainTimeout` alone.
    package var stopDrainTimeout: Duration?
    /// What a drain waits for; what else is left at its end counts as cut.
    package var drainWaitsFor = Set(SessionKind.allCases)
    /// With how many sessions left a drain may end; they are cut.
    package var drainKeep = 0
    /// How long an unconfirmed flow holds a drain up, from the drain's start.
    package var unconfirmedHold: Duration = .seconds(5)
    /// How long retiring waits for the slots to have nothing to read, should a worker not read at all.
    package var emptyTimeout: Duration = .seconds(10)
    /// The wait between empty queues and the stop signal.
    package var linger: Duration = .milliseconds(250)
    /// The wait between the stop signal and KILL.
    package var stopTimeout: Duration = .seconds(10)
    /// The wait before a dead worker is started again, doubled at each death in a row.
    package var restartDelay: Duration = .milliseconds(100)
    /// The longest wait before a dead worker is started again.
    package var restartDelayLimit: Duration = .seconds(30)
    /// A worker that was ready this long starts from `restartDelay` again when it dies.
    package var restartReset: Duration = .seconds(60)
    /// This many deaths within `crashWindow` of the flip roll the new generation back.
    package var crashLimit = 3
    /// How long after the flip deaths count towards `crashLimit`.
    package var crashWindow: Duration = .seconds(60)

    package init() {}

    /// How long a drain may last that the end of the service begins; nil is for ever.
    package var drainTimeoutAtStop: Duration? {
        guard let stopDrainTimeout else { return drainTimeout }
        return min(drainTimeout ?? stopDrainTimeout, stopDrainTimeout)
    }

    /// The wait before the next try after so many failed ones in a row.
    func restartDelay(_ failures: Int) -> Duration {
        var delay = restartDelay
        for _ in 1..<min(max(failures, 1), 64) where delay < restartDelayLimit {
            delay *= 2
        }
        return min(delay, restartDelayLimit)
    }
}

extension Policy: Codable {
    private enum CodingKeys: String, CodingKey {
        case overlap, readyTimeout, drainTimeout, drainWaitsFor, drainKeep, unconfirmedHold,
            emptyTimeout, linger
        case stopTimeout, stopDrainTimeout
        case restartDelay, restartDelayLimit, restartReset, crashLimit, crashWindow
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        overlap = try keys.decode(.overlap, default: overlap)
        readyTimeout = try keys.decode(.readyTimeout, default: readyTimeout)
        // Null is for ever; only a missing key is the default.
        if keys.contains(.drainTimeout) {
            drainTimeout = try keys.decode(Duration?.self, forKey: .drainTimeout)
        }
        stopDrainTimeout = try keys.decodeIfPresent(Duration.self, forKey: .stopDrainTimeout)
        if let kinds = try keys.decodeIfPresent([String].self, forKey: .drainWaitsFor) {
            // A kind that only a newer writer knows cannot be counted here.
            drainWaitsFor = Set(kinds.compactMap { SessionKind(rawValue: $0) })
        }
        drainKeep = try keys.decode(.drainKeep, default: drainKeep)
        unconfirmedHold = try keys.decode(.unconfirmedHold, default: unconfirmedHold)
        emptyTimeout = try keys.decode(.emptyTimeout, default: emptyTimeout)
        linger = try keys.decode(.linger, default: linger)
        stopTimeout = try keys.decode(.stopTimeout, default: stopTimeout)
        restartDelay = try keys.decode(.restartDelay, default: restartDelay)
        restartDelayLimit = try keys.decode(.restartDelayLimit, default: restartDelayLimit)
        restartReset = try keys.decode(.restartReset, default: restartReset)
        crashLimit = try keys.decode(.crashLimit, default: crashLimit)
        crashWindow = try keys.decode(.crashWindow, default: crashWindow)
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(overlap, forKey: .overlap)
        try keys.encode(readyTimeout, forKey: .readyTimeout)
        // Written as null where it is for ever: a missing key would be the default.
        try keys.encode(drainTimeout, forKey: .drainTimeout)
        try keys.encodeIfPresent(stopDrainTimeout, forKey: .stopDrainTimeout)
        try keys.encode(drainWaitsFor.map(\.rawValue).sorted(), forKey: .drainWaitsFor)
        try keys.encode(drainKeep, forKey: .drainKeep)
        try keys.encode(unconfirmedHold, forKey: .unconfirmedHold)
        try keys.encode(emptyTimeout, forKey: .emptyTimeout)
        try keys.encode(linger, forKey: .linger)
        try keys.encode(stopTimeout, forKey: .stopTimeout)
        try keys.encode(restartDelay, forKey: .restartDelay)
        try keys.encode(restartDelayLimit, forKey: .restartDelayLimit)
        try keys.encode(restartReset, forKey: .restartReset)
        try keys.encode(crashLimit, forKey: .crashLimit)
        try keys.encode(crashWindow, forKey: .crashWindow)
    }
}
