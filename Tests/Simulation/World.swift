package import HandoverCore
import ServiceCore
import Settings

/// The simulated world: kernel, keeper, processes, clients and people, and the supervisor in it, which
/// is the one that ships, loop and record included.
///
/// Everything follows from the scenario. The supervisor may be killed whenever its loop asks whether it
/// is; what outlives it is what outlives it on a real machine.
package final class World {
    package let scenario: Scenario
    /// How long things take.
    var random: SeededRandom
    /// When crashes and faults come.
    var fate: SeededRandom
    /// In microseconds.
    var time: Int64 = 1_000_000_000
    package internal(set) var now = Instant(sinceStart: .seconds(1000))
    var agenda = Agenda<Item>()

    var kernel: SimulatedKernel
    var processes: [Int32: SimulatedProcess] = [:]
    var keeper: SimulatedKeeper?
    /// What the service manager keeps, where there is one that does.
    var store: [KeptName: SimulatedKeeper.Kept] = [:]
    var storeHolds = false
    /// Whether all that was ever to be kept there had room.
    var storeIsWhole = false
    var file: SimulatedFile
    var settings: ServiceSettings
    /// What the settings named that the supervisor of now was started with.
    var formerLaunch: Launch?

    /// The supervisor; nil while it is dead.
    var conductor: Conductor<World>?
    /// Which supervisor it is: what was meant for one that is dead reaches nobody.
    var incarnation = 0
    var lastNumber = 100
    var plannedTick = Int64.max
    /// Before that no timer that was set before a sleep comes.
    var ticksRunAt: Int64 = 0
    /// By how much the time of day was set, in seconds.
    var timeOfDay: Int64 = 0

    // What befalls.
    var supervisorRunsAt: Int64 = 0
    var processesRunAt: Int64 = 0
    var keeperRunsAt: Int64 = 0
    /// When the last thing that the keeper has said is heard.
    var keeperHeardAt: Int64 = 0
    /// When the last keeper that has died did so: what it would have said later nobody hears.
    var keeperDiedAt: Int64 = 0
    /// Whether the supervisor has not heard that yet.
    var keeperIsMissing = false
    var descriptorsAt: Int64 = 0
    /// Whether the last batch of the record could not be written, and no later one was.
    var recordIsBehind = false
    var questions = 0
    var calls = 0
    var script = Scenario.Script()
    var people = 0
    var calmTime = Int64.max
    /// Whether nothing is killed and nothing fails any more.
    var isCalm = false
    var ended = false
    /// Whether a stop was asked for: what comes from then on is nobody's.
    var isStopping = false

    var mischief: Mischief
    var disk: SimulatedDisk
    /// How many services have begun.
    var life = 0
    /// Handovers that were under way, with their numbers in the history; 0 while that is not known.
    var begun: [BegunHandover: Int] = [:]
    /// Those of this life whose numbers are not known.
    var unnumbered: Set<RequestID> = []
    /// From and to which generations handovers are told to be, by their numbers, from their flips on.
    var toldNames: [Int: String] = [:]

    // What is remembered, to judge.
    package internal(set) var steps = 0
    package internal(set) var crashes = 0
    package internal(set) var violations: [Violation] = []
    package private(set) var history: [String] = []
    let keepsHistory: Bool
    var askers: [AskerID: Asker] = [:]
    var hooks = HooksSeen()
    var clients: [Client]
    /// How the last process of a worker ended, where another one has not been started since.
    var ends: [WorkerID: LastEnd] = [:]
    /// Who reads a slot, or was the last to.
    var readers: [SlotID: WorkerID] = [:]
    /// Generations whose workers have joined, shown or not.
    var joinedGenerations: Set<GenerationID> = []
    /// How many processes of a generation ended unasked or could not be started.
    var crashesOf: [GenerationID: Int] = [:]
    /// Workers whose server loses what it is sent.
    var unsound: Set<WorkerID> = []
    /// Workers that a keeper was asked for which has died, and that were given up.
    var abandoned: Set<WorkerID> = []
    /// Until when a draining worker was told that it may drain; nil is for ever.
    var drainDeadlines: [WorkerID: Instant?] = [:]
    /// Processes whose end is watched, since no keeper tells it.
    var watched: Set<Int32> = []
    var flipped: Set<GenerationID> = []
    /// The watch over a generation, and whether somebody has asked for its end.
    var watchSeen: (generation: GenerationID, until: Instant, isPromoted: Bool)?
    var verbsOfTurn = 0
    var inputsOfTurn = 0
    /// With how many sessions left somebody has let drains end.
    var keepAsked = 0
    /// Datagrams that a supervisor has seen dropped by sockets that are closed.
    var otherDrops = 0
    /// How often settings were followed since they changed.
    var followed = 0

    /// What is planned.
    enum Item {
        case input(Input, for: Int)
        case keeperSpawns(WorkerID, keeper: Int)
        /// What a keeper says at a time; nothing where it has died before.
        case keeperSays(Input, keeper: Int, at: Int64, for: Int)
        case process(Int32, ProcessAction)
        case client(Int)
        case wish(Int)
        /// Nobody leaves a canary as it is for ever.
        case endCanary
        case blow(Int)
        case joiner(Int)
        case addressComes(Int)
        case mischief(Int)
        case startSupervisor
        case tick(for: Int)
        case turn(for: Int)
    }

    package init(_ scenario: Scenario, keepsHistory: Bool = false) {
        self.scenario = scenario
        self.keepsHistory = keepsHistory
        random = SeededRandom(seed: scenario.seed)
        fate = SeededRandom(seed: scenario.seed ^ 0xFA7E)
        mischief = Mischief(random: SeededRandom(seed: scenario.seed ^ 0x0DD6))
        disk = SimulatedDisk(seed: scenario.seed)
        settings = scenario.settings
        kernel = SimulatedKernel(listeners: scenario.settings.listeners.count)
        file = SimulatedFile(
            salt: scenario.seed, writesAtOnce: scenario.writesAtOnce, isLater: false)
        clients = (0..<scenario.flows).map { Client(number: $0) }
        plan()
    }

    private func plan() {
        agenda.plan(.startSupervisor, at: time)
        for (number, wish) in scenario.wishes.enumerated() {
            agenda.plan(.wish(number), at: time + Int64(wish.at))
        }
        for (number, blow) in scenario.blows.enumerated() {
            agenda.plan(.blow(number), at: time + Int64(blow.at))
        }
        for (number, joiner) in scenario.joiners.enumerated() {
            agenda.plan(.joiner(number), at: time + Int64(joiner.at))
        }
        for (number, mischief) in scenario.mischief.enumerated() {
            agenda.plan(.mischief(number), at: time + Int64(mischief.at))
        }
        for flow in clients.indices {
            agenda.plan(.client(flow), at: time + Int64(random.below(100_000)))
        }
        if scenario.wishes.isEmpty { calmTime = time + 30_000_000 }
    }

    func note(_ text: @autoclosure () -> String) {
        guard keepsHistory else { return }
        history.append("\(Double(time - 1_000_000_000) / 1_000_000) \(text())")
    }

    func violate(_ promise: Promise, _ text: @autoclosure () -> String) {
        guard violations.count < 4 else { return }
        let violation = Violation(promise: promise, text: text())
        violations.append(violation)
        note("BROKEN \(violation)")
    }

    // MARK: Time

    func plan(_ item: Item, after microseconds: Int) {
        agenda.plan(item, at: time + Int64(max(microseconds, 1)))
    }

    func plan(_ item: Item, within most: Int) { plan(item, after: 1 + random.below(most)) }

    func moveOn(to later: Int64) {
        guard later > time else { return }
        time = later
        now = Instant(sinceStart: .microseconds(later))
    }

    /// Runs until nothing is left to happen, or something was broken.
    package func run() {
        var left = scenario.mostItems
        while left > 0, violations.isEmpty, let next = agenda.nextTime,
            let item = agenda.takeFirst()
        {
            left -= 1
            moveOn(to: next)
            take(item)
            checkClosed()
            if time > calmTime { break }
        }
        calmDown()
        if violations.isEmpty { checkEnd() }
    }

    /// Ends the killing and waits until everything has settled.
    private func calmDown() {
        isCalm = true
        note("calm")
        for listener in kernel.groups.indices { kernel.groups[listener].strangers = [] }
        let end = time + 4_000_000_000
        if conductor == nil { agenda.plan(.startSupervisor, at: time) }
        var left = scenario.mostItems * 2
        while left > 0, violations.isEmpty, let next = agenda.nextTime, next < end,
            let item = agenda.takeFirst()
        {
            left -= 1
            moveOn(to: next)
            take(item)
            checkClosed()
            if left % 16 == 0, isQuiet { break }
        }
    }

    private func take(_ item: Item) {
        switch item {
        case .input(let input, let target):
            guard target == incarnation, conductor != nil else { return }
            // What was said before it, and waits for the end of the same pause, comes first.
            if agenda.takenTime < supervisorRunsAt {
                return agenda.postpone(item, to: supervisorRunsAt)
            }
            hand(input)
        case .tick(let target):
            guard target == incarnation, let conductor else { return }
            // What has come meanwhile is heard first, as the event loop does it.
            let earliest = max(supervisorRunsAt + 1, ticksRunAt)
            if time < earliest, time < supervisorRunsAt || time < ticksRunAt {
                return agenda.plan(item, at: earliest)
            }
            if plannedTick <= time { plannedTick = .max }
            if let deadline = conductor.service.nextDeadline {
                if deadline <= now { hand(.tick) } else { wake(at: deadline) }
            }
        case .turn(let target):
            guard target == incarnation else { return }
            if agenda.takenTime < supervisorRunsAt {
                return agenda.postpone(item, to: supervisorRunsAt)
            }
            conductor?.turn()
        case .keeperSpawns(let id, let number):
            if time < keeperRunsAt { return agenda.postpone(item, to: keeperRunsAt) }
            keeperSpawns(id, number)
        case .keeperSays(let input, let number, let at, let target):
            if keeper?.number == number || at < keeperDiedAt {
                take(.input(input, for: target))
            }
        case .process(let pid, let action):
            if time < processesRunAt {
                let later = processesRunAt + Int64(random.below(20_000))
                return agenda.plan(item, at: later)
            }
            act(pid, action)
        case .client(let flow): client(flow)
        case .wish(let number): wish(scenario.wishes[number])
        case .endCanary: endCanary()
        case .blow(let number): if !isCalm { befall(scenario.blows[number].kind) }
        case .joiner(let number): if !isCalm { startJoiner(scenario.joiners[number]) }
        case .addressComes(let listener): kernel.groups[listener].addressIsThere = true
        case .mischief(let number): commit(scenario.mischief[number].kind)
        case .startSupervisor:
            if time < keeperRunsAt, keeper != nil {
                return agenda.plan(item, at: keeperRunsAt)
            }
            if conductor == nil, !ended { startSupervisor() }
        }
    }

    /// Hands an input to the supervisor, if one lives.
    func hand(_ input: Input) {
        guard let conductor else { return }
        steps += 1
        note("input \(input)")
        if conductor.isIdle {
            verbsOfTurn = 0
            inputsOfTurn = 0
        }
        inputsOfTurn += 1
        if case .asked(let asker?, _, _, _, _, _) = input { askers[asker]?.isHeard = true }
        if case .historyWritten(let fault) = input { historyHeard(fault) }
        if case .hookEnded(let number, _) = input { hookEnds(number) }
        conductor.take(input)
        if case .stopping? = self.conductor?.service.machine.service { isStopping = true }
    }

    /// Hands an input in now, or as soon as the supervisor runs.
    func handSoon(_ input: Input) {
        if time < supervisorRunsAt {
            agenda.plan(.input(input, for: incarnation), at: supervisorRunsAt)
        } else {
            hand(input)
        }
    }

    /// Hands an input in later, if this supervisor still lives then.
    func handLater(_ input: Input, within most: Int = 2_000) {
        plan(.input(input, for: incarnation), within: most)
    }
}
