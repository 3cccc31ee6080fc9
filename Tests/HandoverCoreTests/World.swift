import HandoverCore

/// A shell without a kernel: it carries out effects on a model of banks, processes and flows, and holds
/// the machine to what it may ask.
struct World: Hashable {
    enum Process: Hashable {
        case asked, running, ready
    }

    /// A process and what it was sent.
    struct Child: Hashable {
        var process: Process
        var toldToStop = false
        var killed = false
        var toldToDrain = false
        var saidDrained = false
        var sessions: Int?
    }

    var machine: Machine
    var now = Instant(sinceStart: .zero)
    /// Slots by generation.
    var banks: [GenerationID: Int] = [:]
    /// Banks asked for, with the generation to inherit from.
    var bankAsks: [GenerationID: GenerationID?] = [:]
    var children: [WorkerID: Child] = [:]
    var target: SteeringTarget?
    /// Live confirmed flows, each by the slot it is pinned to.
    var flows: [WorkerID] = []
    /// Sessions outside the slots.
    var outside: [GenerationID: OutsideCount] = [:]
    var countAsks: Set<GenerationID> = []
    /// Generations whose flows are counted, and what is outside their slots not yet.
    var outsideAsks: Set<GenerationID> = []
    var watches: Set<GenerationID> = []
    /// Checks of canaries that run, with the step that each is about.
    var checks: [GenerationID: Int] = [:]
    /// Generations for which drops are counted.
    var dropAsks: Set<GenerationID> = []
    var openRequests: Set<RequestID> = []
    var nextRequest = 1
    var end: ServiceEnd?
    /// What the machine must not have done.
    var faults: [String] = []
    /// What came out of the last event.
    var effects: [Effect] = []
    /// What came out since it was emptied last.
    var log: [Effect] = []

    /// After how many effects of the next event the supervisor crashes; nil for never.
    var crashAfter: Int?
    /// Whether an effect is carried out that may have been carried out already.
    var repeats = false
    /// Whether new flows are steered at once.
    var answersSteering = true
    /// Collects what was taken of the diagram of states, where somebody wants to know.
    var ways: WaysTaken?

    init(policy: Policy = Policy()) {
        machine = Machine(policy: policy)
    }

    /// All but what came out.
    func hash(into hasher: inout Hasher) {
        hasher.combine(machine.policy)
        hasher.combine(machine.generations)
        hasher.combine(machine.service)
        hasher.combine(machine.lastHandover)
        hasher.combine(machine.restoring)
        hasher.combine(machine.steeringAnswer)
        hasher.combine(now)
        hasher.combine(banks)
        hasher.combine(bankAsks)
        hasher.combine(children)
        hasher.combine(target)
        hasher.combine(flows)
        hasher.combine(outside)
        hasher.combine(countAsks)
        hasher.combine(outsideAsks)
        hasher.combine(watches)
        hasher.combine(checks)
        hasher.combine(openRequests)
        hasher.combine(nextRequest)
    }

    mutating func request() -> RequestID {
        let id = RequestID(nextRequest)
        nextRequest += 1
        openRequests.insert(id)
        return id
    }

    /// Tells the machine of something that has just happened, and does what it says.
    mutating func happen(_ event: Event) {
        effects = []
        take(event)
        // The shell answers that before anything else happens.
        while answersSteering, machine.steeringAnswer == .awaited, let steering = machine.steering {
            take(.steered(steering.generation, .zero))
        }
        checkRest()
    }

    private mutating func take(_ event: Event) {
        prepare(for: event)
        let ended = end != nil
        let before = machine.generations
        let last = machine.lastHandover
        let effects = machine.handle(event, at: now)
        self.effects += effects
        for transition in Transition.all(from: before, to: machine.generations, by: event) {
            let way = StateDiagram.drawn.way(of: transition)
            expect(way != nil, "not drawn in STATES.md: \(transition)")
            ways?.add(way ?? [])
        }
        checkNames(of: before, effects)
        log += effects
        for effect in effects {
            if ended {
                switch effect {
                case .answer: break
                default: faults.append("after the end: \(effect)")
                }
            }
        }
        carryOut(effects)
        if let last, let after = machine.lastHandover, last.phases.flip != .zero {
            let isOther = last.from != after.from || last.to != after.to
            expect(
                isOther || last.phases.flip == after.phases.flip,
                "the flip of \(last.from) to \(last.to) was measured twice")
        }
    }

    /// The model's own side of an event.
    private mutating func prepare(for event: Event) {
        switch event {
        case .bankPrepared(let id):
            guard let from = bankAsks.removeValue(forKey: id) else { return }
            banks[id] = machine.generation(id)?.workers.count ?? 0
            if let from {
                banks[from] = nil
                // The slots stay, and the flows with them.
                flows = flows.map { $0.generation == from ? WorkerID(id, $0.index) : $0 }
            }
        case .bankFailed(let id, _): bankAsks[id] = nil
        case .workerStarted(let id):
            if children[id]?.process == .asked {
                children[id]?.process = .running
            }
        case .workerReady(let id): children[id]?.process = .ready
        case .seatNotTaken(let id): children[id] = nil
        case .workerStartFailed(let id, _), .workerExited(let id, _, _):
            children[id] = nil
            if !children.keys.contains(where: { $0.generation == id.generation }) {
                outside[id.generation] = nil
            }
        case .workerDrained(let id): children[id]?.saidDrained = true
        case .workerSessions(let id, let count):
            let drains = children[id]?.toldToDrain ?? false
            children[id]?.saidDrained = drains && count == 0
            children[id]?.sessions = count
        case .flowsCounted(let id, _):
            if countAsks.remove(id) != nil { outsideAsks.insert(id) }
        case .outsideCounted(let id, _): outsideAsks.remove(id)
        case .queuesEmpty(let id): watches.remove(id)
        case .checked(let id, _, _): checks[id] = nil
        case .dropsSeen(let id, _): dropAsks.remove(id)
        case .start, .join, .upgrade, .promote, .hold, .abort, .rollback, .restart, .stop,
            .changeDrain,
            .changePolicy, .workerFailed, .extendTimeout, .dropsCounted, .steered,
            .steeringFailed, .resteeringFailed, .tick:
            break
        }
    }
}
