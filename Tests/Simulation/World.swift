import HandoverCore
import ServiceCore
import Settings

/// The simulated world: kernel, keeper, processes, clients and people, and the supervisor in it.
///
/// Everything follows from the seed. The supervisor may be killed between any two verbs; what outlives
/// it is what outlives it on a real machine.
package final class World {
    package let scenario: Scenario
    var random: SeededRandom
    private(set) var now = Instant(sinceStart: .seconds(1000))
    var agenda = Agenda<Item>()
    var kernel: SimulatedKernel
    var processes: [Int32: SimulatedProcess] = [:]
    var keeper: SimulatedKeeper?
    /// What the service manager keeps, where there is one that does.
    var store: [KeptName: SimulatedKeeper.Kept] = [:]
    var storeHolds = false
    var behaviours: [String: Behaviour] = [:]
    /// The record, as it was written last.
    var record: [PartKey: RecordPart] = [:]
    var service: Service?
    var recorder = Recorder()
    var inbox: [Input] = []
    /// Which supervisor it is: what was meant for one that is dead reaches nobody.
    var incarnation = 0
    var joiners: [JoinerID: Int32] = [:]
    var lastNumber = 100
    var isOver = false
    /// Whether nothing is killed and nothing fails any more.
    var isCalm = false
    package private(set) var steps = 0
    package private(set) var crashes = 0
    package var violations: [String] = []
    var askers: [AskerID: Asker] = [:]
    /// When each flow was heard of last.
    var lastSeen: [Int: Instant] = [:]
    /// The number that a flow has in this life of it: an idle flow has ended.
    var lives: [Int: Int] = [:]
    /// How many processes of each generation have ended.
    var deaths: [GenerationID: Int] = [:]
    /// Which process read each flow last, by flow and listener.
    var lastReader: [SlotID: Int32] = [:]
    /// Processes whose end is watched, since no keeper tells it.
    var watched: Set<Int32> = []
    /// Whether what was read or left in a queue may be lost: a server hung, or would not stop.
    var mayLose = false
    package private(set) var history: [String] = []
    let keepsHistory: Bool

    /// What is planned.
    enum Item {
        case input(Input, for: Int)
        case keeperSpawns(WorkerID, keeper: Int)
        case process(Int32, ProcessAction)
        case client(flow: Int)
        case person(Int)
        case kill(Victim)
        case startSupervisor
        case tick(for: Int)
    }

    enum Victim { case supervisor, keeper, worker }

    /// Somebody who asked for something.
    struct Asker {
        let wish: Wish
        let incarnation: Int
        var answers = 0
    }

    package init(_ scenario: Scenario, keepsHistory: Bool = false) {
        self.scenario = scenario
        self.keepsHistory = keepsHistory
        random = SeededRandom(seed: scenario.seed)
        kernel = SimulatedKernel(listeners: scenario.listeners)
        behaviours["v0"] = Behaviour()
        plan()
    }

    private func plan() {
        agenda.plan(.startSupervisor, at: now)
        var time = now
        for number in 0..<scenario.people {
            time = time + random.time(1_000...scenario.pause)
            agenda.plan(.person(number), at: time)
        }
        for flow in 0..<scenario.flows {
            agenda.plan(.client(flow: flow), at: now + random.time(1_000...100_000))
        }
        for (victim, count) in [
            (Victim.supervisor, scenario.supervisorKills), (.keeper, scenario.keeperKills),
            (.worker, scenario.workerKills),
        ] {
            for _ in 0..<count {
                agenda.plan(
                    .kill(victim),
                    at: now + random.time(1_000...scenario.pause * max(scenario.people, 1)))
            }
        }
    }

    func note(_ text: @autoclosure () -> String) {
        guard keepsHistory else { return }
        history.append("\(now.sinceStart) \(text())")
    }

    func violate(_ promise: String, _ text: String) {
        guard violations.count < 10 else { return }
        violations.append("\(promise): \(text)")
        note("VIOLATION \(promise): \(text)")
    }

    func countStep() { steps += 1 }

    /// Runs until nothing is left to happen, or something was broken.
    package func run() {
        runUntil { false }
        calmDown()
        if violations.isEmpty { checkEnd() }
    }

    private func runUntil(_ isReached: () -> Bool) {
        var left = scenario.mostItems
        while left > 0, violations.isEmpty, !isReached(), let time = agenda.nextTime,
            let item = agenda.takeFirst()
        {
            left -= 1
            now = max(now, time)
            take(item)
            isOver = isOver || people == scenario.people && now > calmTime
            if isOver { break }
        }
    }

    var people = 0
    var calmTime = Instant(sinceStart: .zero)

    /// Ends the killing and waits until everything has settled.
    private func calmDown() {
        isCalm = true
        let end = now + .seconds(4000)
        if service == nil { agenda.plan(.startSupervisor, at: now) }
        var left = scenario.mostItems * 10
        while left > 0, violations.isEmpty, let time = agenda.nextTime, time < end,
            let item = agenda.takeFirst()
        {
            left -= 1
            now = max(now, time)
            take(item)
            if isQuiet { break }
        }
    }

    /// Whether nothing but traffic is left to happen.
    private var isQuiet: Bool {
        guard let service else { return ended }
        return service.machine.handovers.isEmpty && service.duties.isEmpty && inbox.isEmpty
            && service.machine.generations.allSatisfy {
                $0.isOver || $0.phase == .current && $0.isWhole
            } && askers.values.allSatisfy { $0.answers > 0 || $0.incarnation != incarnation }
            && processes.values.allSatisfy { !$0.isEnding }
    }

    var ended = false

    private func take(_ item: Item) {
        switch item {
        case .input(let input, let target):
            guard target == incarnation, service != nil else { return }
            deliver(input)
        case .tick(let target):
            guard target == incarnation, service != nil else { return }
            if let deadline = service?.nextDeadline, deadline <= now { deliver(.tick) }
            planTick()
        case .keeperSpawns(let id, let number): keeperSpawns(id, number)
        case .process(let pid, let action): act(pid, action)
        case .client(let flow): client(flow: flow)
        case .person(let number): person(number)
        case .kill(let victim): kill(victim)
        case .startSupervisor: if service == nil, !ended { startSupervisor() }
        }
    }

    // MARK: The supervisor

    /// Hands an input in, and all that it leads to at once.
    func deliver(_ input: Input) {
        inbox.append(input)
        while service != nil, !inbox.isEmpty {
            let next = inbox.removeFirst()
            handle(next)
        }
        planTick()
    }

    private func handle(_ input: Input) {
        countStep()
        note("input \(input)")
        guard let verbs = service?.handle(input, at: now) else { return }
        if verbs.count > 40 + 8 * 512 * scenario.listeners {
            violate("bounded work", "\(verbs.count) verbs of \(input)")
        }
        carryOut(verbs)
    }

    /// Writes down what has changed and carries verbs out, unless the supervisor is killed meanwhile.
    func carryOut(_ verbs: [Verb]) {
        if diesHere() { return }
        append()
        for verb in verbs {
            if diesHere() { return }
            countStep()
            note("verb \(verb)")
            perform(verb)
            guard service != nil else { return }
            if case .duty(let duty) = verb {
                if duty.isNoticedTwice, diesHere() { return }
                service?.isDone(duty)
                if duty.isNoticedTwice { append() }
            }
        }
    }

    /// The version that each generation runs.
    var versions: [GenerationID: String] {
        var versions: [GenerationID: String] = [:]
        for generation in service?.machine.generations ?? [] {
            versions[generation.id] = generation.launch.command.first
        }
        for case .generation(let id, let part) in record.values {
            versions[id] = part.head.launch.command.first
        }
        return versions
    }

    func append() {
        guard var current = service else { return }
        for (key, part) in recorder.changes(&current) { record[key] = part }
        service = current
    }

    private func diesHere() -> Bool {
        guard !isCalm, random.oneIn(scenario.verbsPerCrash) else { return false }
        killSupervisor()
        return service == nil
    }

    func killSupervisor() {
        // With the keeper dead as well, and no service manager that keeps descriptors, nobody would
        // have them: that double fault is no promise.
        guard service != nil, keeper != nil || storeHolds else { return }
        crashes += 1
        note("the supervisor is killed")
        service = nil
        inbox = []
        incarnation += 1
        joiners = [:]
        kernel.letGoOfAll(.supervisor)
        agenda.plan(.startSupervisor, at: now + random.time(100...50_000))
    }

    private func planTick() {
        guard let deadline = service?.nextDeadline else { return }
        agenda.plan(.tick(for: incarnation), at: max(deadline, now + .microseconds(1)))
    }

    // MARK: Kills

    private func kill(_ victim: Victim) {
        guard !isCalm else { return }
        switch victim {
        case .supervisor: killSupervisor()
        case .keeper: killKeeper()
        case .worker:
            guard let pid = processes.keys.sorted().randomElement(using: &random) else { return }
            note("process \(pid) is killed")
            end(pid, .killed(signal: 9))
        }
    }

    private func killKeeper() {
        guard let dead = keeper, service != nil else { return }
        crashes += 1
        note("the keeper is killed")
        keeper = nil
        for kept in dead.kept.values {
            if case .socket(let inode) = kept { kernel.letGo(inode, .keeper) }
        }
        // It may have started what it was asked for without a chance to say so.
        for (id, sockets) in dead.orders.sorted(by: { "\($0.key)" < "\($1.key)" })
        where random.oneIn(2) {
            _ = startProcess(id, sockets)
        }
        agenda.plan(.input(.keeperLost(pid: 1), for: incarnation), at: now + random.time(10...1000))
    }
}
