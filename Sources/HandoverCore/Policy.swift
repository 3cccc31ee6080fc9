/// The operator's limits and choices; a missing key decodes as its default.
package struct Policy: Hashable, Sendable {
    /// Whether two generations may run at once; if not, the old one is stopped before the new one starts.
    package var overlap = true
    /// How long a started worker may take to get ready.
    package var readyTimeout: Duration = .seconds(30)
    /// How long an old generation may keep its flows; nil is for ever, zero is at once.
    package var drainTimeout: Duration? = .seconds(3600)
    /// What a drain waits for; what else is left at its end counts as cut.
    package var drainWaitsFor = Set(SessionKind.allCases)
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

    /// The wait before the next try after so many failed ones in a row.
    func restartDelay(_ failures: Int) -> Duration {
        var delay = restartDelay
        for _ in 1..<min(max(failures, 1), 64) where delay < restartDelayLimit {
            delay *= 2
        }
        return min(delay, restartDelayLimit)
    }
}
