import ChannelProtocol
package import HandoverCore
package import Settings

/// The whole supervisor as a value: what comes in changes it, and it says what is to be done.
///
/// It holds no descriptor, clock or log. The shell hands in inputs, writes down what has changed,
/// carries out the verbs in order, and hands in what became of them. The simulator does the same.
package struct Service: Sendable {
    package internal(set) var machine: Machine
    package internal(set) var settings: ServiceSettings
    package internal(set) var banks: Banks
    package internal(set) var workers = Workers()
    package internal(set) var adopted = AdoptedAddresses()
    package internal(set) var requests = Requests()
    package internal(set) var explanations = Explanations()
    package internal(set) var store = Store()
    package internal(set) var programs = Programs()
    package internal(set) var history = History()
    /// Rollbacks that wait until it is known what their command leads to, by the numbers of the questions.
    var lookUps: [Int: ProgramLookUp] = [:]
    var lastLookUp = 0
    package internal(set) var following = Following()
    package internal(set) var hooks = Hooks()
    var pending = Duties()
    /// Whether the service manager lets the keeper know when the service ends for good.
    package internal(set) var holdsLifeLine = false
    /// Why the service could not begin for want of a privilege.
    package internal(set) var lacksPrivilege = false
    /// Flows of each generation that drains, as counted last.
    package internal(set) var flows: [GenerationID: FlowCount] = [:]
    var joiners = Joiners()
    var binds = BindCalls()
    var naming = ListenerNaming()
    var queues = QueueWatches()
    var recoveries = Recoveries()
    var refusals = SteeringRefusals()
    var reconciler = Reconciler()
    var statusAskers: [AskerID] = []
    /// Generations whose flows are being counted: an answer that nobody asked for says nothing to them.
    var counted: Set<GenerationID> = []
    /// The generation that new flows were steered to last, to measure its flip once.
    var flipped: GenerationID?
    /// A new keeper is asked for then.
    var keeperDueAt: Instant?
    /// Workers that have ended and whose queues are being looked at.
    var exits: [WorkerID: WorkerExit] = [:]
    /// The generation of a handover that has ended with its flip, whose time is told with it.
    var unmeasured: GenerationID?
    var isShuttingDown = false
    /// Whether the service manager has been asked to start it again, and what that brings has not been seen to.
    var isRestarting = false
    /// The generation that a successor has found on another program than is on disk, and how they differ.
    var outdated: (generation: GenerationID, words: String)?
    var lastReport: ManagerReport?

    /// A service that begins.
    ///
    /// - Parameter sockets: those that are there already, such as a socket unit's.
    package init(
        _ settings: ServiceSettings, listeners: [ListenerShape],
        sockets: [(SlotID, BoundSocket)] = [], policy: Policy
    ) {
        self.settings = settings
        machine = Machine(policy: policy)
        banks = Banks(listeners: listeners, sockets: sockets)
    }

    /// What the settings have started; nil where workers join by themselves.
    var wantedLaunch: Launch? {
        settings.command.isEmpty
            ? nil : Launch(command: settings.startedCommand, workers: settings.workers)
    }

    /// Takes something in and says what is to be done, in order.
    package mutating func handle(_ input: Input, at now: Instant) -> [Verb] {
        var turn = ServiceTurn(at: now)
        take(input, &turn)
        settle(&turn)
        return turn.verbs
    }

    /// A duty is done: a successor need not do it again.
    package mutating func isDone(_ duty: Duty) {
        pending.end(duty)
    }

    /// Duties that are not known to be done, in their order.
    package var duties: [Duty] { Array(pending.open) }

    /// When to hand in `tick` at the latest, if nothing else happens.
    package var nextDeadline: Instant? {
        [
            machine.nextDeadline, workers.nextDeadline, queues.nextDeadline, keeperDueAt,
            reconciler.nextDeadline, recoveries.nextDeadline, refusals.dueAt, history.retryAt,
        ].compactMap { $0 }.min()
    }

    /// Hands events to the machine, brings about what it answers, and goes on until nothing is left.
    mutating func settle(_ turn: inout ServiceTurn) {
        while let event = turn.takeEvent() {
            let effects = machine.handle(event, at: turn.now)
            // Before them: one may be the service's end.
            letGoOfPrograms(&turn)
            for effect in effects { bringAbout(effect, &turn) }
        }
        answerOvertaken(&turn)
        announceMeasured(&turn)
        followHandovers(&turn)
        let report = managerReport
        if report != lastReport {
            lastReport = report
            turn.emit(.report(report))
        }
        reconciler.plan(isBusy: isBusy, at: turn.now)
        if reconciler.isWanted { observeIfDue(&turn) }
        turn.finish()
    }

    /// Whether anything changes or drains, so that what is must be compared more often.
    private var isBusy: Bool {
        if adopted.areOnTrial { return true }
        return machine.generations.contains { generation in
            switch generation.phase {
            case .starting, .canary, .draining, .retiring: true
            case .current, .stopped, .failed: false
            }
        }
    }
}

/// What comes out of one input.
struct ServiceTurn {
    let now: Instant
    private(set) var verbs: [Verb] = []
    private var events: ArraySlice<Event> = []
    private var last: [Verb] = []

    init(at now: Instant) { self.now = now }

    mutating func emit(_ verb: Verb?) { if let verb { verbs.append(verb) } }

    mutating func emit(_ more: [Verb]) { verbs += more }

    /// Has the machine take an event, after those that wait.
    mutating func submit(_ event: Event) { events.append(event) }

    mutating func takeEvent() -> Event? { events.popFirst() }

    /// Tells something after all that the input leads to.
    mutating func warnLast(_ text: String, _ worker: WorkerID) {
        last.append(.announce(.warning(text, worker)))
    }

    mutating func finish() {
        verbs += last
        last = []
    }

    mutating func warn(_ text: String, _ worker: WorkerID? = nil) {
        emit(.announce(.warning(text, worker)))
    }
}
