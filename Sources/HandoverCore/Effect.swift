/// A fact for the shell to bring about, in the order given.
///
/// **Every effect survives being done twice.** The record holds the effects of an event before the first of
/// them is begun, so a supervisor that takes over after a crash does them again. What each case says
/// about a second time is part of its meaning, and `repetition` says which of the kinds it is.
package enum Effect: Hashable, Codable, Sendable {
    /// Make the slots for so many workers; answered by `bankPrepared` or `bankFailed`. Again: the bank that
    /// is there is kept, and answered for.
    case prepareBank(GenerationID, workers: Int)
    /// Take the bank over from a generation that has no process left, adding slots where this one has
    /// more workers; answered by `bankPrepared` (`from` has no bank any more) or `bankFailed` (`from`
    /// has it as before). Surplus slots are released; datagrams left in them are drops. Again: as above.
    case inheritBank(GenerationID, workers: Int, from: GenerationID)
    /// Release every slot; datagrams left in them are drops. Once for each bank prepared, but not for one
    /// that was inherited from. Again: nothing.
    case freeBank(GenerationID)

    /// Start the process on its slot; answered by `workerStarted` or `workerStartFailed`. Again: the process
    /// that runs is kept, and answered for.
    case startWorker(WorkerID)
    /// Send the stop signal; nothing where the process is gone already. Never again: a server may take a
    /// second signal as "at once".
    case stopWorker(WorkerID)
    /// Send KILL; nothing where the process is gone already. Again: nothing changes.
    case killWorker(WorkerID)

    /// From here on new flows go to these workers of this generation, but for the share of a canary, and to no
    /// other; answered by `steered` or `steeringFailed`. Again: the same stores.
    case steerNewFlows(to: GenerationID, workers: [Int], canary: TrialTarget? = nil)
    /// From here on the flows pinned to this worker's slot count as new. Again: those since then too, and
    /// there are none, because new flows are steered elsewhere.
    case abandonWorker(WorkerID)
    /// From here on the flows pinned to any slot of this generation count as new. Again: as above.
    case resteer(GenerationID)

    /// Tell every ready worker of it to drain, once in a drain. A worker that is not ready yet has no session
    /// and might not survive the signal. Never again: a worker notices each one.
    case tellDraining(GenerationID)
    /// Tell every worker of it that was told to drain to serve on. Never again: a worker notices each one.
    case tellResumed(GenerationID)
    /// Count its flows and what it has outside its slots; answered by `flowsCounted` and `outsideCounted`. Never
    /// again: a later count is taken after the re-steer and would find nothing. If it is lost, the next one is
    /// a second away.
    case countFlows(GenerationID)
    /// Say `queuesEmpty` once no slot of it with a live worker has anything to read. Again: nothing changes.
    /// A successor watches by itself (`Generation.waitsForQueues`).
    case watchQueues(GenerationID)

    /// Run the command that says whether a new generation does what it should; answered by `checked`, also where it
    /// takes too long. Again: it is run anew, and the first answer counts.
    case runCheck(GenerationID, step: Int, command: [String])
    /// Say what all listeners have dropped, for a generation that may cause only so many; answered by
    /// `dropsSeen`. Again: it is counted anew.
    case countDrops(GenerationID)

    /// The one answer to a request. Again: nothing, for the one who asked is gone or has it.
    case answer(RequestID, Answer)
    /// For those who watch. Again: they may see it twice.
    case progress(Progress)
    /// A handover is over, well or not. Again: those who watch may see it twice.
    case handoverEnded(HandoverReport)
    /// The service is over: no process and no bank is left. The last effect ever. Again: nothing changes.
    case ended(ServiceEnd)
}

extension Effect {
    /// What it does to do an effect once more, after a crash in the midst of a list of effects.
    package enum Repetition: Sendable {
        /// Nothing, or what cannot be told from once.
        case harmless
        /// It would be noticed. So the record says that it is done before anything else happens.
        case noticed
    }

    package var repetition: Repetition {
        switch self {
        case .stopWorker, .tellDraining, .tellResumed, .countFlows: .noticed
        case .prepareBank, .inheritBank, .freeBank, .startWorker, .killWorker, .steerNewFlows,
            .abandonWorker, .resteer, .watchQueues, .runCheck, .countDrops, .answer, .progress,
            .handoverEnded, .ended:
            .harmless
        }
    }

    /// Whether nothing is lost with it. If a supervisor crashes before it has recorded an event with no other
    /// effects, its successor goes on from before that event, and looks again by itself.
    package var mayBeLost: Bool {
        switch self {
        case .countFlows, .progress, .watchQueues: true
        case .prepareBank, .inheritBank, .freeBank, .startWorker, .stopWorker, .killWorker,
            .tellDraining, .tellResumed, .steerNewFlows, .abandonWorker, .resteer, .runCheck,
            .countDrops, .answer, .handoverEnded, .ended:
            false
        }
    }
}

/// What became of a request.
package enum Answer: Hashable, Codable, Sendable {
    /// This generation is current.
    case current(GenerationID)
    case done
    /// It was not begun, and why.
    case refused(String)
    /// No generation came before the current one.
    case nothingToRollBackTo
    /// It was begun and undone, and why.
    case failed(String)
}

/// One step of a generation's way, for `events` and for who waits on `upgrade`.
package struct Progress: Hashable, Codable, Sendable {
    package let at: Instant
    package let generation: GenerationID
    /// The request whose handover this step belongs to, if any.
    package let request: RequestID?
    package let step: ProgressStep

    package init(
        at: Instant, generation: GenerationID, request: RequestID?, step: ProgressStep
    ) {
        self.at = at
        self.generation = generation
        self.request = request
        self.step = step
    }
}

/// What happened to a generation or to one of its workers.
package enum ProgressStep: Hashable, Codable, Sendable {
    /// Its bank is asked for.
    case preparing(workers: Int)
    /// All its processes run.
    case started
    /// All its workers are ready.
    case ready
    /// So many of the clients get it with their new flows from here on.
    case canary(CanaryClients)
    /// It gives its share of the new flows back.
    case aborted(reason: String)
    /// It would have taken over: a dry run.
    case passed
    /// New flows go to it from here on; nil where it is the first.
    case flipped(from: GenerationID?)
    /// It drains, with the sessions left, nil until they are counted, the deadline, nil for never, and when it is
    /// likely to end, nil where nothing tells.
    case draining(
        flows: FlowCount?, outside: OutsideCount?, deadline: Instant?, likelyEnd: Instant? = nil)
    /// It may have to give way again, for so long.
    case watching(Duration)
    /// It stays.
    case watchEnded(WatchEnd)
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

/// Where new flows go.
package struct SteeringTarget: Hashable, Codable, Sendable {
    package let generation: GenerationID
    package let workers: [Int]
    /// Where a share of them goes instead.
    package let canary: TrialTarget?

    package init(generation: GenerationID, workers: [Int], canary: TrialTarget? = nil) {
        self.generation = generation
        self.workers = workers
        self.canary = canary
    }
}

/// Whether new flows go where they should.
package enum SteeringAnswer: String, Hashable, Codable, Sendable {
    /// It is not known yet.
    case awaited
    case accepted
    /// They go where they went before, or at some listeners. It is tried again.
    case refused
}

/// One call of `Machine.handle`: the time it is, and the effects so far.
struct Turn {
    let now: Instant
    private(set) var effects: [Effect] = []

    init(at now: Instant) {
        self.now = now
    }

    mutating func emit(_ effect: Effect) {
        effects.append(effect)
    }

    /// Takes back what nobody has begun to do yet.
    mutating func withdraw(_ effect: Effect) {
        effects.removeAll { $0 == effect }
    }

    /// Nothing where there is no request.
    mutating func answer(_ request: RequestID?, _ answer: Answer) {
        if let request {
            emit(.answer(request, answer))
        }
    }

    mutating func note(_ generation: Generation, _ step: ProgressStep) {
        note(generation.id, generation.handover?.request, step)
    }

    mutating func note(_ id: GenerationID, _ request: RequestID?, _ step: ProgressStep) {
        emit(.progress(Progress(at: now, generation: id, request: request, step: step)))
    }
}
