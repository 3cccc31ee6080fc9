/// What happened to a generation or to one of its workers.
package enum ProgressStep: Hashable, Codable, Sendable {
    /// Its bank is asked for.
    case preparing(workers: Int)
    /// All its processes run.
    case started
    /// All its workers are ready.
    case ready
    /// New flows go to it from here on; nil where it is the first.
    case flipped(from: GenerationID?)
    /// It drains, with the flows left, nil until they are counted, and the deadline, nil for never.
    case draining(flows: FlowCount?, deadline: Instant?)
    /// It is current again.
    case resumed(reason: String)
    /// What is left of it is re-steered, then it is stopped.
    case retiring(RetireCause)
    /// Its slots did not get empty in time; what is left in them will be lost.
    case queuesNotEmptied
    /// It will not be current; its workers are being stopped.
    case failing(reason: String)
    /// It is gone: no process, no bank.
    case stopped
    case failed(reason: String)

    case workerReady(Int)
    /// It will not serve and is being stopped.
    case workerFailed(Int, reason: String)
    case workerDied(Int, reason: String)
    /// It will be started again then.
    case workerRestarts(Int, at: Instant)
    /// It did not heed the stop signal.
    case workerKilled(Int)
}
