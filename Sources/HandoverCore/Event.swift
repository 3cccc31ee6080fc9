/// What the shell has to tell the machine.
///
/// Events that come up while effects are carried out are handed in after the last effect of that turn.
package enum Event: Hashable, Codable, Sendable {
    /// The service's first generation; once.
    case start(Launch)
    /// A worker has come for a new generation, the service's first one perhaps. Where the present one
    /// has come like that and is gone, the new one takes over its bank.
    case join(RequestID, Launch)
    /// A new generation; nil is the current command and number of workers again. With a canary it gets a share
    /// of the new flows before it is current; with a watch it may have to give way after that; with a dry run it
    /// never gets any.
    case upgrade(
        RequestID, Launch?, canary: CanaryPlan? = nil, watch: WatchPlan? = nil,
        dryRun: DryRun? = nil)
    /// The next step of a canary, or all new flows at once.
    case promote(RequestID, full: Bool, meant: MeantStep? = nil)
    /// A canary stays in its step.
    case hold(RequestID)
    /// The end of a canary: it drains, and the current generation has all new flows again.
    case abort(RequestID)
    /// Back to what was current before the present generation.
    case rollback(RequestID)
    /// The same command again, stopped first, the sockets held meanwhile.
    case restart(RequestID)
    /// The service's end, after a drain or at once; a second one, at once, speeds the first one up.
    case stop(RequestID?, drain: Bool)
    /// From now on at most this long a drain, and with so many sessions left it may end; of one generation or of
    /// all that drain. nil leaves what is.
    case changeDrain(RequestID, GenerationID?, within: Duration?, keep: Int? = nil)
    /// Other limits for all that begins from now on.
    case changePolicy(Policy)

    /// The bank asked for by `prepareBank` or `inheritBank` is there.
    case bankPrepared(GenerationID)
    /// It is not, and nothing is left of it; a bank to be inherited stays where it was.
    case bankFailed(GenerationID, String)

    /// The process runs.
    case workerStarted(WorkerID)
    /// There is no process; for example, `exec` failed. No `workerExited` follows.
    case workerStartFailed(WorkerID, String)
    /// The process that was to take its seat never got it: the seat is free again.
    case seatNotTaken(WorkerID)
    /// It is ready by the ready rule and has taken its sockets.
    case workerReady(WorkerID)
    /// It runs, but says or shows that it will not serve.
    case workerFailed(WorkerID, String)
    /// The process is gone; the last event about it, nothing of it comes after. Something may be
    /// left to read in its slots.
    case workerExited(WorkerID, WorkerExit, leavesQueue: Bool = false)
    /// Told to drain, it says that it has no session left.
    case workerDrained(WorkerID)
    /// It says how many sessions it has; in a drain 0 is as good as `workerDrained`, and more takes
    /// that back.
    case workerSessions(WorkerID, Int)
    /// It asks for this much time from now, be it to get ready or to stop (EXTEND_TIMEOUT_USEC).
    case extendTimeout(WorkerID, Duration)

    /// One answer to `countFlows`.
    case flowsCounted(GenerationID, FlowCount)
    /// The other answer to `countFlows`.
    case outsideCounted(GenerationID, OutsideCount)
    /// The answer to `watchQueues`: no slot with a live worker has anything to read.
    case queuesEmpty(GenerationID)
    /// Datagrams lost in that generation's slots, any time until the next handover's end; they add up.
    case dropsCounted(GenerationID, Int)
    /// New flows go where they should, and so long did the store take. The answer to `steerNewFlows`, as is
    /// `steeringFailed`.
    case steered(GenerationID, Duration)
    /// New flows were not sent to this generation, or not at every listener. It is tried again by the shell.
    case steeringFailed(GenerationID, reason: String)
    /// Flows still come to slots of this generation that they were to leave.
    case resteeringFailed(GenerationID, reason: String)

    /// The check of a canary's step, of a watch or of a dry run has ended, well or with this fault. The answer to `runCheck`.
    case checked(GenerationID, step: Int, failure: String?)

    /// What all listeners of the service have dropped, ever. The answer to `countDrops`.
    case dropsSeen(GenerationID, total: Int)

    /// `nextDeadline` has come.
    case tick
}

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
