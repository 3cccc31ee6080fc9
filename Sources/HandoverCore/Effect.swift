/// A fact for the shell to bring about, in the order given.
package enum Effect: Hashable, Codable, Sendable {
    /// Make the slots for so many workers; answered by `bankPrepared` or `bankFailed`.
    case prepareBank(GenerationID, workers: Int)
    /// Take the bank over from a generation that has no process left, adding slots where this one has
    /// more workers; answered by `bankPrepared` (`from` has no bank any more) or `bankFailed` (`from`
    /// has it as before). Slots too many are released; datagrams left in them are drops.
    case inheritBank(GenerationID, workers: Int, from: GenerationID)
    /// Release every slot; datagrams left in them are drops. Once for each bank prepared, but for one
    /// that was inherited from.
    case freeBank(GenerationID)

    /// Start the process on its slot; answered by `workerStarted` or `workerStartFailed`.
    case startWorker(WorkerID)
    /// Send the stop signal; nothing where the process is gone already.
    case stopWorker(WorkerID)
    /// Send KILL; nothing where the process is gone already.
    case killWorker(WorkerID)

    /// New flows go to these workers of this generation from here on, and to no other.
    case steerNewFlows(to: GenerationID, workers: [Int])
    /// The flows pinned to this worker's slot count as new from here on.
    case abandonWorker(WorkerID)
    /// The flows pinned to any slot of this generation count as new from here on.
    case resteer(GenerationID)

    /// Every ready worker of it is told to drain, once in a drain. One that is not ready yet has no session
    /// and might not survive the signal.
    case tellDraining(GenerationID)
    /// Every worker of it that was told to drain is told to serve on.
    case tellResumed(GenerationID)
    /// Count its flows; answered by `flowsCounted`.
    case countFlows(GenerationID)
    /// Say `queuesEmpty` once no slot of it with a live worker has anything to read.
    case watchQueues(GenerationID)

    /// The one answer to a request.
    case answer(RequestID, Answer)
    /// For those who watch.
    case progress(Progress)
    /// A handover is over, well or not.
    case handoverEnded(HandoverReport)
    /// The service is over: no process and no bank is left. The last effect ever.
    case ended(ServiceEnd)
}
