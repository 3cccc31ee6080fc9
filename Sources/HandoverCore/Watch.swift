// A watch: after the flip, what the new generation has to keep to is looked at for some time more. Until that is
// over the old one is not told to drain and keeps its processes, so that it can take over again at once.

/// What ends a new generation that is current already, and for how long.
package struct WatchPlan: Hashable, Codable, Sendable {
    package let time: Duration
    /// So many of its workers may die, those during a canary included.
    package let restarts: Int
    /// So many datagrams may be dropped, those during a canary included; nil is any number.
    package let drops: Int?
    /// Run again and again; nil where nothing is asked.
    package let check: [String]?

    /// Nil where it is none.
    package init?(time: Duration, restarts: Int = 0, drops: Int? = nil, check: [String]? = nil) {
        guard time > .zero, time <= .seconds(100 * 86_400), restarts >= 0, drops ?? 0 >= 0,
            check?.isEmpty != true
        else { return nil }
        self.time = time
        self.restarts = restarts
        self.drops = drops
        self.check = check
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        let plan = WatchPlan(
            time: try keys.decode(Duration.self, forKey: .time),
            restarts: try keys.decode(Int.self, forKey: .restarts),
            drops: try keys.decodeIfPresent(Int.self, forKey: .drops),
            check: try keys.decodeIfPresent([String].self, forKey: .check))
        guard let plan else {
            throw DecodingError.dataCorruptedError(
                forKey: .time, in: keys, debugDescription: "no plan of a watch")
        }
        self = plan
    }
}

/// How a watch has ended where the generation stays.
package enum WatchEnd: Hashable, Codable, Sendable {
    /// Nothing spoke against the generation until the time was over.
    case passed
    /// Somebody was content with it before.
    case promoted
    /// The old generation, this one, has no process any more, nor will it get one.
    case deserted(GenerationID)
    /// The generation should have given way, and there was nothing left to go back to.
    case failed(reason: String)
    /// Something else was asked for meanwhile.
    case brokenOff(reason: String)

    /// What is wrong with a generation that stays so, in words; nil where nothing is.
    package var fault: String? {
        switch self {
        case .passed, .promoted, .brokenOff: nil
        case .deserted(let old):
            "generation \(old) died while its successor was watched, and nothing can go back to it"
        case .failed(let reason): reason
        }
    }
}

/// The watch over a generation that is current.
package struct Watch: Hashable, Codable, Sendable {
    package let plan: WatchPlan
    package let until: Instant
    /// When the check is run next; nil while it runs, and where there is none or no other.
    var nextCheck: Instant?
    /// Counts the checks, those of a canary included.
    var step: Int
    package internal(set) var isChecked = false
    var deaths: Int
    package internal(set) var drops: DropCount?
    /// Where the count of drops at its end stands.
    var lastCount: StepCheck?
    /// Why the old generation takes over again. It waits until all of that one's workers serve.
    package internal(set) var failure: String?

    /// The time between two checks.
    private static var interval: Duration { .seconds(5) }

    /// - Parameter trial: what was counted before the flip.
    init(_ plan: WatchPlan, after trial: Trial?, at now: Instant) {
        self.plan = plan
        until = now + plan.time
        step = trial?.plan.count ?? 0
        deaths = trial?.deaths ?? 0
        drops = plan.drops.map { trial?.drops ?? DropCount(limit: $0, at: now) }
        nextCheck = nil
        planCheck(at: now)
    }

    /// The last one is at the end.
    mutating func planCheck(at now: Instant) {
        nextCheck = plan.check == nil || now >= until ? nil : min(now + Self.interval, until)
    }

    var deadlines: [Instant?] {
        let end = isChecked || lastCount == .running || failure != nil ? nil : until
        return [failure == nil ? nextCheck : nil, drops?.nextCount, end]
    }
}

// MARK: While it lasts

extension Machine {
    /// The generation that is watched.
    var watchedIndex: Int? { generations.firstIndex { $0.watch != nil } }

    /// The generation for whose watch one that drains is kept as it is, until it is known whether it takes over
    /// again; nil where it is not kept.
    func watchedIndex(keeping draining: Draining) -> Int? {
        guard let arriving = draining.reason.handover?.arriving, let index = index(of: arriving),
            generations[index].watch != nil
        else { return nil }
        return index
    }

    /// The generation that takes over again if the watch fails.
    private func keptIndex(for watched: Int) -> Int? {
        let id = generations[watched].id
        return generations.firstIndex { old in
            old.draining?.reason.handover?.arriving == id && old.draining?.isAborted == false
        }
    }

    mutating func watchIfDue(_ index: Int, _ watch: Watch, _ turn: inout Turn) -> Bool {
        let id = generations[index].id
        if generations[index].current?.watch?.drops?.isDue(at: turn.now) == true {
            turn.emit(.countDrops(id))
            return true
        }
        guard watch.failure == nil, !watch.isChecked else { return false }
        if let next = watch.nextCheck, next <= turn.now, let check = watch.plan.check {
            generations[index].current?.watch?.nextCheck = nil
            generations[index].current?.watch?.isChecked = true
            turn.emit(.runCheck(id, step: watch.step, command: check))
            return true
        }
        guard watch.until <= turn.now, watch.lastCount != .running else { return false }
        if watch.drops != nil, watch.lastCount == nil {
            generations[index].current?.watch?.lastCount = .running
            turn.emit(.countDrops(id))
        } else {
            endWatch(index, .passed, &turn)
        }
        return true
    }

    /// A check has ended; an answer that nobody waits for says nothing.
    mutating func watchChecked(
        _ index: Int, step: Int, _ failure: String?, _ turn: inout Turn
    ) {
        guard let watch = generations[index].watch, watch.isChecked, watch.step == step else {
            return
        }
        generations[index].current?.watch?.isChecked = false
        generations[index].current?.watch?.step = step + 1
        generations[index].current?.watch?.planCheck(at: turn.now)
        if let failure { failWatch(index, "its check failed: \(failure)", &turn) }
    }

    mutating func watchCounted(_ index: Int, total: Int, _ turn: inout Turn) {
        generations[index].current?.watch?.drops?.take(total)
        if let fault = generations[index].watch?.drops?.fault {
            failWatch(index, fault, &turn)
        } else if generations[index].watch?.lastCount == .running {
            generations[index].current?.watch?.lastCount = .passed
        }
    }

    /// A worker of a generation that is watched has died. Returns true if that was one too many, and the old
    /// generation is current again.
    mutating func watchedWorkerDied(_ index: Int, _ reason: String, _ turn: inout Turn) -> Bool {
        guard let watch = generations[index].watch else { return false }
        generations[index].current?.watch?.deaths = watch.deaths + 1
        guard watch.deaths + 1 > watch.plan.restarts else { return false }
        failWatch(index, reason, &turn)
        return generations[index].current == nil
    }

    /// The old generation takes over again: at once if it is whole, or else when those workers of it serve that
    /// are being started again.
    mutating func failWatch(_ index: Int, _ reason: String, _ turn: inout Turn) {
        guard let watch = generations[index].watch, watch.failure == nil else { return }
        if let old = refuge(of: index) {
            flipBack(index, to: old, reason, .byItself, &turn)
        } else {
            generations[index].current?.watch?.failure = reason
        }
    }

    /// One that has failed is rolled back as soon as the old one can take over again.
    mutating func settleWatch(_ index: Int, _ watch: Watch, _ turn: inout Turn) -> Bool {
        guard let failure = watch.failure, let old = keptIndex(for: index) else { return false }
        if generations[old].isWhole {
            flipBack(index, to: old, failure, .byItself, &turn)
            return true
        }
        guard generations[old].workers.contains(where: { $0.state == .gone }) else { return false }
        endWatch(
            index,
            .failed(
                reason: "\(failure); generation \(generations[old].id) has lost workers and cannot "
                    + "take over again"), &turn)
        return true
    }
}

// MARK: Its end

extension Machine {
    /// One that is kept has no process any more, nor will it get one: the watch could not go back to anybody. Returns
    /// false where it is not kept.
    mutating func losesWatch(_ old: Int, _ draining: Draining, _ turn: inout Turn) -> Bool {
        guard let index = watchedIndex(keeping: draining) else { return false }
        let failure = generations[index].watch?.failure
        let reason = failure.map { "\($0); nothing is left to go back to" }
        endWatch(
            index, reason.map { .failed(reason: $0) } ?? .deserted(generations[old].id), &turn)
        return true
    }

    /// It stays, and the old generation drains from here on. Who asked for the upgrade is told.
    mutating func endWatch(_ index: Int, _ end: WatchEnd, _ turn: inout Turn) {
        guard generations[index].watch != nil else { return }
        let id = generations[index].id
        let kept = keptIndex(for: index)
        let request = watchRequest(index)
        generations[index].current?.watch = nil
        _ = changeHandovers(where: { $0.isWatched(id) }) { $0.watchEnd = end }
        turn.note(id, request, .watchEnded(end))
        switch end {
        case .passed, .promoted: turn.answer(request, .current(id))
        case .deserted, .failed:
            turn.answer(request, .failed("generation \(id) stays: \(end.fault ?? "")"))
        case .brokenOff(let reason): turn.answer(request, .failed(reason))
        }
        if let kept { sendOff(kept, &turn) }
    }

    /// The generation that was kept takes over again. Who asked for the upgrade is told why.
    mutating func breakOffWatch(_ index: Int, _ why: String, _ turn: inout Turn) {
        guard generations[index].watch != nil else { return }
        turn.answer(watchRequest(index), .failed(why))
        generations[index].current?.watch = nil
    }

    /// Who asked for the upgrade, whose handover the old generation has, however far that has come.
    private func watchRequest(_ index: Int) -> RequestID? {
        let id = generations[index].id
        return generations.lazy.compactMap(\.handover).first { $0.isWatched(id) }?.request
    }

    /// One that was kept drains like any other. What was counted before it was told says nothing of what it
    /// has from then on, and it has the whole time for it, unless somebody has said otherwise.
    private mutating func sendOff(_ old: Int, _ turn: inout Turn) {
        generations[old].draining?.flows = nil
        generations[old].draining?.outside = nil
        generations[old].draining?.nextCount = turn.now
        if generations[old].drainDeadline == nil {
            generations[old].draining?.deadline = policy.drainTimeout.map { turn.now + $0 }
        }
        // One that is due in this very turn comes after that.
        turn.withdraw(.countFlows(generations[old].id))
        turn.emit(.tellDraining(generations[old].id))
        noteDraining(old, &turn)
    }

    /// The generation that is watched; nil where none is.
    package var watchedID: GenerationID? { watchedIndex.map { generations[$0].id } }
}
