/// A handover under way. The new generation carries it until the flip, then the one that leaves.
package struct Handover: Hashable, Codable, Sendable {
    package internal(set) var from: GenerationID
    package internal(set) var to: GenerationID
    /// The request by which it began, which tells it from every other one, whoever has turned it around since;
    /// nil where an older supervisor has begun it.
    package let number: RequestID?
    /// The request for it; nil where it has none.
    package internal(set) var request: RequestID?
    /// How the new generation is tried out before its flip; nil where it is not.
    package internal(set) var canary: CanaryPlan?
    /// What is looked at after its flip; nil for nothing.
    package internal(set) var watch: WatchPlan?
    /// How that ended where the new generation stayed; nil before, and where there was none.
    package internal(set) var watchEnd: WatchEnd?
    /// That there is to be no flip, and what is asked instead; nil where there is to be one.
    package internal(set) var dryRun: DryRun?
    /// What its report will say, if nothing changes.
    package internal(set) var outcome: HandoverOutcome = .completed
    package internal(set) var phases = HandoverPhases()
    package internal(set) var drops = 0
    /// When the phase under way began.
    package private(set) var phaseBegan: Instant

    init(
        from: GenerationID, to: GenerationID, request: RequestID?, canary: CanaryPlan? = nil,
        at now: Instant
    ) {
        self.from = from
        self.to = to
        self.number = request
        self.request = request
        self.canary = canary
        phaseBegan = now
    }

    /// One that nobody asked for, to an older generation that is not the one before. Its number is that of no request:
    /// no generation can go back like that twice, for it has no worker left.
    init(back from: GenerationID, to: GenerationID, at now: Instant) {
        self.from = from
        self.to = to
        number = RequestID(-from.number)
        phaseBegan = now
    }

    /// Books the time since the end of the last phase on `phase`.
    mutating func end(_ phase: WritableKeyPath<HandoverPhases, Duration>, at now: Instant) {
        phases[keyPath: phase] = now - phaseBegan
        phaseBegan = now
    }

    /// The same for one that not every handover has.
    mutating func end(_ phase: WritableKeyPath<HandoverPhases, Duration?>, at now: Instant) {
        phases[keyPath: phase] = now - phaseBegan
        phaseBegan = now
    }

    /// The generation that ends with it.
    package var leaving: GenerationID { outcome.leavesBackward ? to : from }

    /// The generation that serves on.
    package var arriving: GenerationID { outcome.leavesBackward ? from : to }

    /// Whether it is the one after which this generation is, or was, watched.
    func isWatched(_ id: GenerationID) -> Bool {
        watch != nil && arriving == id && outcome == .completed
    }

    /// The other generation leaves instead, and its drain begins now.
    mutating func turn(
        from: GenerationID, to: GenerationID, _ outcome: HandoverOutcome, _ turn: Turn
    ) {
        self.from = from
        self.to = to
        self.outcome = outcome
        phases.drain = .zero
        phases.flip = .zero
        phaseBegan = turn.now
    }

    func report(cutFlows: Int, cutOutside: OutsideCount) -> HandoverReport {
        HandoverReport(
            from: from, to: to, number: number, request: request, outcome: outcome, phases: phases,
            cutFlows: cutFlows, cutOutside: cutOutside, drops: drops,
            isDryRun: dryRun == nil ? nil : true, watchEnd: watchEnd)
    }
}

/// How a handover ended, or is about to end.
package enum HandoverOutcome: Hashable, Codable, Sendable {
    case completed
    /// The new generation never became current.
    case failed(reason: String)
    /// The new generation was current, and the old one is again.
    case rolledBack(reason: String)
    /// The new generation had a share of the new flows, and has none any more.
    case aborted(reason: String)
    /// A dry run: the new generation would have become current.
    case passed

    /// Whether the new generation leaves and the old one stays.
    var leavesBackward: Bool {
        switch self {
        case .completed: false
        case .failed, .rolledBack, .aborted, .passed: true
        }
    }

    /// Whether new flows went elsewhere by it.
    var flips: Bool {
        switch self {
        case .completed, .rolledBack: true
        case .failed, .aborted, .passed: false
        }
    }
}

/// How long each part of a handover took; zero where it was not reached.
package struct HandoverPhases: Hashable, Codable, Sendable {
    /// From the request to the last process running.
    package var start: Duration = .zero
    /// From there to the last worker ready.
    package var ready: Duration = .zero
    /// With a share of the new flows; nil where it never had one.
    package var canary: Duration?
    /// The store itself, as the shell measured it.
    package var flip: Duration = .zero
    package var drain: Duration = .zero
    /// From the end of the drain to the bank freed. Where generations may not overlap: from the request
    /// to the last exit of the old generation.
    package var retire: Duration = .zero

    package init() {}
}

/// What became of a handover that is over.
package struct HandoverReport: Hashable, Codable, Sendable {
    package let from: GenerationID
    package let to: GenerationID
    /// As the handover's.
    package let number: RequestID?
    package let request: RequestID?
    package let outcome: HandoverOutcome
    package var phases: HandoverPhases
    /// Confirmed flows that were still live when the drain was cut by its deadline or by a stop.
    package let cutFlows: Int
    /// Sessions outside the slots that were there still then; nil where an older supervisor wrote it.
    package let cutOutside: OutsideCount?
    /// Datagrams lost in the slots of the leaving generation, as told by `Event.dropsCounted` so far.
    package var drops: Int
    /// True where there was to be no flip.
    package let isDryRun: Bool?
    /// As the handover's.
    package let watchEnd: WatchEnd?

    package init(
        from: GenerationID, to: GenerationID, number: RequestID? = nil, request: RequestID?,
        outcome: HandoverOutcome, phases: HandoverPhases, cutFlows: Int,
        cutOutside: OutsideCount? = OutsideCount(),
        drops: Int, isDryRun: Bool? = nil, watchEnd: WatchEnd? = nil
    ) {
        self.from = from
        self.to = to
        self.number = number
        self.request = request
        self.outcome = outcome
        self.phases = phases
        self.cutFlows = cutFlows
        self.cutOutside = cutOutside
        self.drops = drops
        self.isDryRun = isDryRun
        self.watchEnd = watchEnd
    }

    /// The generation that ended with it.
    package var leaving: GenerationID { outcome.leavesBackward ? to : from }

    /// The generation that serves on.
    package var arriving: GenerationID { outcome.leavesBackward ? from : to }
}

extension Machine {
    mutating func report(
        _ handover: Handover, cutFlows: Int, cutOutside: OutsideCount = OutsideCount(),
        _ turn: inout Turn
    ) {
        let report = handover.report(cutFlows: cutFlows, cutOutside: cutOutside)
        lastHandover = report
        turn.emit(.handoverEnded(report))
    }

    /// Books lost datagrams on the handover by which the generation leaves, even if it is over already.
    mutating func dropsCounted(_ id: GenerationID, _ drops: Int) {
        if !changeHandovers(where: { $0.leaving == id }, { $0.drops += drops }),
            lastHandover?.leaving == id
        {
            lastHandover?.drops += drops
        }
    }

    /// Books the time of the store on the handover by which the generation became current, once: the
    /// generation is steered to again whenever its workers change.
    private mutating func measured(_ id: GenerationID, _ time: Duration) {
        let isUnderWay = changeHandovers(where: { $0.arriving == id && $0.outcome.flips }) {
            if $0.phases.flip == .zero { $0.phases.flip = time }
        }
        guard !isUnderWay, let last = lastHandover, last.arriving == id, last.outcome.flips,
            last.phases.flip == .zero
        else { return }
        lastHandover?.phases.flip = time
    }

    /// New flows go where they should.
    mutating func steered(_ id: GenerationID, _ time: Duration) {
        if steering?.generation == id { steeringAnswer = .accepted }
        measured(id, time)
    }

    /// New flows do not go where they should. What has not begun to get any is not current, if the generation
    /// before it, which still gets them, serves. Otherwise nobody leaves before they do (`isHeld`).
    mutating func steeringFailed(_ id: GenerationID, _ reason: String, _ turn: inout Turn) {
        guard let steering, steering.generation == id, let index = index(of: id) else { return }
        let isFirst = steeringAnswer != .refused
        steeringAnswer = .refused
        guard isFirst else { return }
        let words = "new flows cannot be steered to generation \(id): \(reason)"
        // Slots that are not passed on would go on getting new flows.
        if makesNoRoom(index, words, &turn) || abortTrial(words, &turn) { return }
        if generations[index].current?.mayRollBack == true, let old = refuge(of: index),
            let handover = generations[old].handover, handover.phases.flip == .zero
        {
            flipBack(index, to: old, words, .byItself, &turn)
        }
    }

    /// Flows do not leave slots that they should. Who leaves waits for that; who makes room does not.
    mutating func resteeringFailed(_ id: GenerationID, _ reason: String, _ turn: inout Turn) {
        guard let index = index(of: id) else { return }
        _ = makesNoRoom(index, "flows of generation \(id) cannot be moved on: \(reason)", &turn)
    }

    /// A generation that was to make room serves on; returns false where it is none, or has begun to stop.
    private mutating func makesNoRoom(_ index: Int, _ reason: String, _ turn: inout Turn) -> Bool {
        guard let makingRoom = generations[index].makingRoom, case .emptying = makingRoom.step
        else { return false }
        serveOn(index, makingRoom, turn)
        fail(makingRoom.handover, reason, &turn)
        return true
    }

    /// Changes the handovers under way that fit; returns false if none does.
    mutating func changeHandovers(
        where fits: (Handover) -> Bool, _ change: (inout Handover) -> Void
    ) -> Bool {
        var found = false
        for index in generations.indices {
            guard var handover = generations[index].handover, fits(handover) else { continue }
            found = true
            change(&handover)
            generations[index].handover = handover
        }
        return found
    }
}
