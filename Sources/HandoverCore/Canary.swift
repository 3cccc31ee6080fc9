// A canary: before it is current, a generation gets a share of the new flows, in steps that grow. It ends as
// the current one, or gives the share back and drains.

/// A share of all clients.
package struct Share: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// From 1 to 999,999.
    package let millionths: Int

    /// Nil where it is nobody's or everybody's.
    package init?(millionths: Int) {
        guard 1..<1_000_000 ~= millionths else { return nil }
        self.millionths = millionths
    }

    package static func < (left: Share, right: Share) -> Bool { left.millionths < right.millionths }

    /// In percent, as short as it can be: 5%, 0.25%.
    package var description: String {
        let (whole, rest) = millionths.quotientAndRemainder(dividingBy: 10_000)
        if rest == 0 { return "\(whole)%" }
        var digits = String(10_000 + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)%"
    }

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        guard let share = Share(millionths: try value.decode(Int.self)) else {
            throw DecodingError.dataCorruptedError(
                in: value, debugDescription: "a share is from 1 to 999999 millionths")
        }
        self = share
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(millionths)
    }
}

/// How a generation is tried out on a part of the clients.
package struct CanaryPlan: Hashable, Codable, Sendable {
    /// One after the other, each larger than the one before. After the last one it is current.
    package let steps: [Share]
    /// Whose clients come first, and in every step; as text, such as 192.0.2.0/24.
    package let networks: [String]
    /// How long each step lasts; nil is until the next one is asked for.
    package let stepTime: Duration?
    /// This many of its workers may die; one more ends the canary.
    package let restarts: Int
    /// So many datagrams may be dropped meanwhile; one more ends the canary. nil is any number.
    package let drops: Int?
    /// Tells which clients a share is made of: another key, other clients.
    package let key: UInt64
    /// What says at the end of each step whether the next one may come; nil where the time alone does.
    package let check: [String]?

    /// Nil where the steps do not grow, or there are none and no networks, or too many.
    package init?(
        steps: [Share], networks: [String] = [], stepTime: Duration?, restarts: Int = 0,
        drops: Int? = nil, key: UInt64 = 0, check: [String]? = nil
    ) {
        guard steps.count <= Self.mostSteps, networks.count <= CanaryClients.mostNetworks,
            !steps.isEmpty || !networks.isEmpty, zip(steps, steps.dropFirst()).allSatisfy(<),
            stepTime ?? .seconds(1) > .zero, restarts >= 0, drops ?? 0 >= 0,
            check?.isEmpty != true
        else { return nil }
        self.steps = steps
        self.networks = networks
        self.stepTime = stepTime
        self.restarts = restarts
        self.drops = drops
        self.key = key
        self.check = check
    }

    package static let mostSteps = 100

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        let plan = CanaryPlan(
            steps: try keys.decode([Share].self, forKey: .steps),
            networks: try keys.decodeIfPresent([String].self, forKey: .networks) ?? [],
            stepTime: try keys.decodeIfPresent(Duration.self, forKey: .stepTime),
            restarts: try keys.decode(Int.self, forKey: .restarts),
            drops: try keys.decodeIfPresent(Int.self, forKey: .drops),
            key: try keys.decode(UInt64.self, forKey: .key),
            check: try keys.decodeIfPresent([String].self, forKey: .check))
        guard let plan else {
            throw DecodingError.dataCorruptedError(
                forKey: .steps, in: keys, debugDescription: "the steps of a canary do not grow")
        }
        self = plan
    }
}

/// A generation that gets a share of the new flows beside the current one.
package struct Trial: Hashable, Codable, Sendable {
    var handover: Handover
    package let plan: CanaryPlan
    /// The index of the present step.
    package internal(set) var step: Int
    /// When the next step is due; nil where it waits to be asked for.
    package internal(set) var until: Instant?
    /// How many of its workers have died.
    package internal(set) var deaths = 0
    /// Where the check of the present step stands; nil before it is run.
    package internal(set) var check: StepCheck?
    /// What was dropped so far; nil where that has no limit.
    package internal(set) var drops: DropCount?
    /// Where the count of drops at the end of the present step stands; nil before it is asked for.
    var lastCount: StepCheck?

    package var clients: CanaryClients { plan.clients(in: step) }
}

/// What somebody has seen who promotes it: what has come since is not promoted. nil is any.
package struct MeantStep: Hashable, Codable, Sendable {
    package let generation: GenerationID?
    /// Of a canary, from 1; 0 is a watch.
    package let step: Int?

    package init(generation: GenerationID? = nil, step: Int? = nil) {
        self.generation = generation
        self.step = step
    }
}

/// Where a check of a new generation, or the count of drops at its end, stands.
package enum StepCheck: String, Hashable, Codable, Sendable {
    /// Its answer is waited for.
    case running
    case passed
}

/// Where the new flows of a canary's clients go.
package struct TrialTarget: Hashable, Codable, Sendable {
    package let generation: GenerationID
    package let workers: [Int]
    package let clients: CanaryClients
    /// Tells which clients a share is made of.
    package let key: UInt64

    package init(generation: GenerationID, workers: [Int], clients: CanaryClients, key: UInt64) {
        self.generation = generation
        self.workers = workers
        self.clients = clients
        self.key = key
    }

    private enum CodingKeys: String, CodingKey {
        case generation, workers, key
        case clients = "share"
    }
}

// MARK: The steps

extension Machine {
    /// The generation that is tried out.
    var trialIndex: Int? { generations.firstIndex { $0.trial != nil } }

    /// All workers of a starting generation are ready: it gets its first share.
    mutating func beginTrial(
        _ index: Int, _ handover: Handover, _ plan: CanaryPlan, _ turn: inout Turn
    ) {
        generations[index].state = .trial(
            Trial(
                handover: handover, plan: plan, step: 0,
                until: plan.stepTime.map { turn.now + $0 },
                drops: plan.drops.map { DropCount(limit: $0, at: turn.now) }))
        enterStep(index, &turn)
    }

    private mutating func enterStep(_ index: Int, _ turn: inout Turn) {
        guard let trial = generations[index].trial else { return }
        steer(&turn)
        turn.note(generations[index], .canary(trial.clients))
    }

    /// Goes on to the next step if its time has come.
    mutating func goOnIfDue(_ index: Int, _ trial: Trial, _ turn: inout Turn) -> Bool {
        if generations[index].trial?.drops?.isDue(at: turn.now) == true {
            turn.emit(.countDrops(generations[index].id))
            return true
        }
        guard let until = trial.until, until <= turn.now else { return false }
        guard generations[index].isWhole, steeringAnswer == .accepted else {
            // One of its workers is being started again, or it has not got its share yet.
            generations[index].trial?.until = turn.now + .seconds(1)
            return true
        }
        if let check = trial.plan.check, trial.check != .passed {
            generations[index].trial?.check = .running
            // The shell ends one that takes too long.
            generations[index].trial?.until = nil
            turn.emit(.runCheck(generations[index].id, step: trial.step, command: check))
            return true
        }
        if trial.drops != nil, trial.lastCount != .passed {
            generations[index].trial?.lastCount = .running
            generations[index].trial?.until = nil
            turn.emit(.countDrops(generations[index].id))
            return true
        }
        goOn(index, trial, full: false, &turn)
        return true
    }

    /// The check of a step has ended; an answer that nobody waits for any more says nothing.
    mutating func checked(
        _ id: GenerationID, step: Int, _ failure: String?, _ turn: inout Turn
    ) {
        guard let index = index(of: id) else { return }
        watchChecked(index, step: step, failure, &turn)
        dryRunChecked(index, failure, &turn)
        guard let trial = generations[index].trial, trial.step == step, trial.check == .running
        else { return }
        if let failure {
            _ = abortTrial("its check failed: \(failure)", &turn)
        } else {
            generations[index].trial?.check = .passed
            generations[index].trial?.until = turn.now
        }
    }

    /// So many datagrams have been dropped by all listeners.
    mutating func dropsSeen(_ id: GenerationID, total: Int, _ turn: inout Turn) {
        guard let index = index(of: id) else { return }
        watchCounted(index, total: total, &turn)
        guard let trial = generations[index].trial else { return }
        generations[index].trial?.drops?.take(total)
        if let fault = generations[index].trial?.drops?.fault {
            _ = abortTrial(fault, &turn)
        } else if trial.lastCount == .running {
            generations[index].trial?.lastCount = .passed
            generations[index].trial?.until = turn.now
        }
    }

    /// Returns true if it is current then.
    @discardableResult
    private mutating func goOn(
        _ index: Int, _ trial: Trial, full: Bool, _ turn: inout Turn
    ) -> Bool {
        guard !full, trial.step + 1 < trial.plan.count else {
            var handover = trial.handover
            handover.end(\.canary, at: turn.now)
            takeOver(index, handover, &turn)
            return true
        }
        generations[index].trial?.step = trial.step + 1
        generations[index].trial?.check = nil
        generations[index].trial?.lastCount = nil
        generations[index].trial?.until = trial.plan.stepTime.map { turn.now + $0 }
        enterStep(index, &turn)
        return false
    }

    private var noTrial: Answer {
        .refused(notServing ?? "no generation is tried out on a share of the clients")
    }

    /// Why what is meant is there no more; nil where it is, and where there is nothing at all.
    private func hasMoved(on meant: MeantStep?) -> String? {
        guard let meant, let index = trialIndex ?? watchedIndex else { return nil }
        let id = generations[index].id
        let step = generations[index].trial.map { $0.step + 1 } ?? 0
        guard meant.generation ?? id != id || meant.step ?? step != step else { return nil }
        return step == 0
            ? "generation \(id) is watched by now, which is not what was to be promoted"
            : "generation \(id) is in step \(step) by now, which is not what was to be promoted"
    }

    /// The next step, or the last one at once.
    mutating func promote(
        _ request: RequestID, full: Bool, meant: MeantStep?, _ turn: inout Turn
    ) {
        if let refusal = hasMoved(on: meant) { return turn.answer(request, .refused(refusal)) }
        if let watched = watchedIndex {
            endWatch(watched, .promoted, &turn)
            return turn.answer(request, .current(generations[watched].id))
        }
        guard let index = trialIndex, let trial = generations[index].trial else {
            return turn.answer(request, noTrial)
        }
        guard generations[index].isWhole else {
            return turn.answer(
                request,
                .refused("generation \(generations[index].id) has workers that are not ready"))
        }
        let id = generations[index].id
        turn.answer(request, goOn(index, trial, full: full, &turn) ? .current(id) : .done)
    }

    /// It stays in its step until it is promoted or aborted.
    mutating func hold(_ request: RequestID, _ turn: inout Turn) {
        guard let index = trialIndex else {
            return turn.answer(request, noTrial)
        }
        generations[index].trial?.until = nil
        // What a check that is under way says would have the next step come.
        generations[index].trial?.check = nil
        generations[index].trial?.lastCount = nil
        turn.answer(request, .done)
    }
}

// MARK: Its end

extension Machine {
    mutating func abort(_ request: RequestID, _ turn: inout Turn) {
        if watchedIndex != nil { return rollBack(request, &turn) }
        guard abortTrial("aborted", &turn) else {
            return turn.answer(request, noTrial)
        }
        answerServing(request, &turn)
    }

    /// The current generation serves on, as before.
    mutating func answerServing(_ request: RequestID, _ turn: inout Turn) {
        turn.answer(request, currentIndex.map { .current(generations[$0].id) } ?? .done)
    }

    /// Gives the share back: the generation keeps the flows that it has until they end, and is stopped. Returns
    /// false where there is none.
    mutating func abortTrial(_ reason: String, _ turn: inout Turn) -> Bool {
        guard let index = trialIndex, let trial = generations[index].trial else { return false }
        let handover = aborted(trial, index, reason, &turn)
        drain(index, .handover(handover), turn)
        steer(&turn)
        turn.note(generations[index].id, handover.request, .aborted(reason: reason))
        announceDrain(index, revivingDead: true, &turn)
        return true
    }

    /// What the handover is from here on. Who asked for it is told.
    mutating func aborted(
        _ trial: Trial, _ index: Int, _ reason: String, _ turn: inout Turn
    ) -> Handover {
        var handover = trial.handover
        handover.end(\.canary, at: turn.now)
        handover.turn(
            from: currentIndex.map { generations[$0].id } ?? handover.from,
            to: generations[index].id, .aborted(reason: reason), turn)
        turn.answer(handover.request, .failed(reason))
        return handover
    }

    /// A worker of it has died: it is started again, or the canary is over.
    mutating func trialWorkerDied(
        _ index: Int, _ trial: Trial, _ dead: Worker, _ reason: String, _ turn: inout Turn
    ) {
        let deaths = trial.deaths + 1
        guard deaths <= trial.plan.restarts else {
            _ = abortTrial("worker \(dead.index) \(reason)", &turn)
            return
        }
        generations[index].trial?.deaths = deaths
        restart(index, dead, &turn)
    }
}
