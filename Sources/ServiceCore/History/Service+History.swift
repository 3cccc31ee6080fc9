package import HandoverCore
import Settings

/// What becomes an entry of the history, what it says, and when it is closed.
///
/// - Each handover that the machine has begun is one, from the turn in which it began. A request that was refused
///   is none. The first generation is one when it becomes current: one that never did is told of by the service's
///   end.
/// - It is closed by the machine's report. Datagrams that are counted later as lost are added to it.
extension Service {
    /// Takes in which handovers there are; asked after each turn.
    mutating func followHandovers(_ turn: inout ServiceTurn) {
        beginEntries(&turn)
        for handover in machine.handovers {
            guard let known = history[handover.entry],
                known.from != handover.from || known.to != handover.to
            else { continue }
            history.change(handover.entry) {
                $0.from = handover.from
                $0.to = handover.to
            }
        }
        describeLaunches()
        bookLateDrops()
        writeHistory(&turn)
    }

    private mutating func beginEntries(_ turn: inout ServiceTurn) {
        for handover in machine.handovers {
            let isKnown = history.knows(handover.entry)
            beginEntry(handover.entry, handover.request, from: handover.from, handover.to, &turn)
            if !isKnown, handover.dryRun != nil {
                history.change(handover.entry) { $0.kind = .dryRun }
            }
        }
    }

    private mutating func beginEntry(
        _ id: RequestID, _ request: RequestID?, from: GenerationID?, _ to: GenerationID,
        _ turn: inout ServiceTurn
    ) {
        guard !history.knows(id) else { return }
        var entry = HistoryEntry(to: to)
        entry.from = from
        let asked = request.flatMap { requests[$0] }
        // By itself nobody goes on to a newer one.
        let byItself = from.map { to < $0 } == true ? HistoryEntry.Kind.rollback : .upgrade
        entry.kind = asked.flatMap { HistoryEntry.Kind(rawValue: $0.what) } ?? byItself
        entry.uid = asked?.origin.uid
        entry.message = asked?.origin.message
        history.begin(id, entry, at: turn.now)
        turn.emit(.stamp(id))
        if from != nil, !turn.verbs.contains(.countFlows) { turn.emit(.countFlows) }
    }

    /// Whether a step is of the service's first generation, before it is current.
    private func isFirst(_ progress: Progress) -> Bool {
        machine.generations.count == 1 && machine.handovers.isEmpty
            && !history.knows(.start(of: progress.generation))
    }

    /// The first generation is current.
    private mutating func beginFirst(_ progress: Progress, _ turn: inout ServiceTurn) {
        let id = RequestID.start(of: progress.generation)
        beginEntry(id, nil, from: nil, progress.generation, &turn)
        let began = history.firstBegan ?? turn.now
        let isJoined = machine.generation(progress.generation)?.launch.isJoined == true
        history.change(id) {
            $0.kind = isJoined ? .join : .start
            $0.result = .completed
            $0.timeToFlip = progress.at - began
            $0.phases.ready = progress.at - began
        }
    }

    /// What the new generations run, as soon as it is known.
    private mutating func describeLaunches() {
        for id in history.undescribed {
            guard let entry = history[id], let generation = machine.generation(entry.to) else {
                continue
            }
            let number = generation.launch.program
            let program = number.flatMap { programs[$0] }
            // Until it is found, or nothing of it runs any more.
            guard program != nil || generation.launch.isJoined || generation.phase != .starting
            else {
                continue
            }
            let found = launch(of: generation, program)
            history.change(id) { $0.launch = found }
        }
    }

    private func launch(of generation: Generation, _ program: Program?) -> HistoryLaunch {
        var launch = HistoryLaunch()
        let length = generation.launch.command.reduce(0) { $0 + $1.utf8.count + 1 }
        if length <= HistoryLimits.command { launch.command = generation.launch.command }
        launch.workers = generation.launch.workers
        launch.group = generation.launch.group
        launch.program = program
        launch.settings = settings.remembered
        return launch
    }

    // MARK: On the way

    /// Notes a step of a generation's way where it belongs.
    mutating func note(_ progress: Progress, _ turn: inout ServiceTurn) {
        if case .preparing = progress.step, machine.generations.count == 1,
            machine.handovers.isEmpty
        {
            history.firstBegan = progress.at
        }
        // It flips in the same turn; who hears of it before that is told by which number it is known.
        if case .ready = progress.step, isFirst(progress) {
            return beginEntry(
                .start(of: progress.generation), nil, from: nil, progress.generation, &turn)
        }
        if case .flipped(from: nil) = progress.step { return beginFirst(progress, &turn) }
        guard let (what, text) = progress.step.remembered else {
            return noteSessions(progress)
        }
        if case .workerDied = progress.step {
            // One that was stopped says nothing by its end.
            switch machine.generation(progress.generation)?.phase {
            case .starting, .canary, .current, .draining: break
            case .retiring, .stopped, .failed, nil: return
            }
        }
        beginEntries(&turn)
        let about = history.open(about: progress.generation)
        guard
            let id = about.first(where: { history[$0]?.isAbout(progress) == true }) ?? about.first,
            let began = history.began(id)
        else { return }
        history.change(id) {
            let isCurrent =
                switch progress.step {
                case .flipped: true
                case .resumed: $0.to == progress.generation
                default: false
                }
            if isCurrent, $0.timeToFlip == nil {
                $0.timeToFlip = progress.at - began
            }
            if case .resumed = progress.step { ($0.sessions, $0.outside) = (nil, nil) }
            guard $0.steps.count < HistoryLimits.steps else { return }
            $0.steps.append(
                HistoryStep(
                    after: progress.at - began, generation: progress.generation, what: what,
                    text: text.map { HistoryLimits.cut($0, to: 512) }))
        }
        // Between two counts all new flows have gone one way.
        switch progress.step {
        case .flipped, .canary, .aborted, .resumed:
            if !turn.verbs.contains(.countFlows) { turn.emit(.countFlows) }
        default: break
        }
    }

    /// The first counts of a drain.
    private mutating func noteSessions(_ progress: Progress) {
        guard case .draining(let flows?, let outside, _, _) = progress.step else { return }
        for id in history.open(about: progress.generation)
        where history[id]?.isAbout(progress) == true {
            history.change(id) {
                if $0.sessions == nil { $0.sessions = flows.confirmed }
                if $0.outside == nil { $0.outside = outside?.total }
            }
        }
    }

    /// Something was looked at.
    mutating func noteCheck(
        of generation: GenerationID, _ name: String, fault: String?, _ turn: ServiceTurn
    ) {
        guard let id = history.newest(to: generation), let began = history.began(id) else { return }
        history.change(id) {
            if let fault, $0.result == .completed { ($0.result, $0.reason) = (.incomplete, fault) }
            guard $0.checks.count < HistoryLimits.checks else { return }
            $0.checks.append(
                HistoryCheck(
                    after: turn.now - began, name: name, passed: fault == nil,
                    detail: fault.map { HistoryLimits.cut($0) }))
        }
    }

    /// Takes a sample of what was counted anyway.
    mutating func sample(
        _ counts: [SlotID: FlowCount], _ traffic: Traffic, _ turn: ServiceTurn
    ) {
        for id in history.open {
            guard let entry = history[id] else { continue }
            let newest = newest(of: entry)
            guard history.wantsSample(id, newest: newest, at: turn.now) else { continue }
            history.sample(
                id, traffic, from: entry.from.map { live($0, counts) } ?? 0,
                to: live(entry.to, counts), newest: newest, at: turn.now)
        }
    }

    /// Which of the two generations gets the newest flows.
    private func newest(of entry: HistoryEntry) -> History.Side? {
        let target = machine.steering
        let newest = target?.canary?.generation ?? target?.generation
        if newest == entry.to { return .new }
        return newest == entry.from ? .old : nil
    }

    private func live(_ generation: GenerationID, _ counts: [SlotID: FlowCount]) -> Int {
        (banks[generation]?.all ?? []).reduce(0) { sum, slot in
            sum + (counts[slot.id].map { $0.confirmed + $0.unconfirmed } ?? 0)
        }
    }

    // MARK: The end

    /// A handover is over.
    mutating func close(_ summary: Reply.Summary, _ turn: inout ServiceTurn) {
        let report = summary.report
        beginEntry(report.entry, report.request, from: report.from, report.to, &turn)
        let failed = report.outcome.isFailure
        let lines = failed ? explanations.lines(of: report.to) : []
        let started = machine.generation(report.to).map { launch(of: $0, nil) }
        let result: HistoryEntry.Result =
            switch report.outcome {
            case .completed: summary.reason == nil ? .completed : .incomplete
            case .failed: .failed
            case .rolledBack: .rolledBack
            case .aborted: .aborted
            case .passed: .passed
            }
        history.change(report.entry) {
            if report.isDryRun == true { $0.kind = .dryRun }
            $0.from = report.from
            $0.to = report.to
            $0.result = result
            $0.reason = summary.reason.map { HistoryLimits.cut($0) }
            $0.phases = report.phases
            $0.cutFlows = report.cutFlows
            $0.cutOutside = report.cutOutside
            $0.drops = report.drops
            $0.watchEnd = report.watchEnd?.word
            $0.output = lines.suffix(HistoryLimits.lines).map { HistoryLimits.cut($0, to: 512) }
            if $0.launch.workers == 0, let started { $0.launch = started }
        }
    }

    /// What is measured or counted after a handover's end.
    private mutating func bookLateDrops() {
        guard let last = machine.lastHandover, history.knows(last.entry) else { return }
        history.change(last.entry) {
            $0.drops = last.drops
            $0.phases.flip = last.phases.flip
        }
    }

    // MARK: After a predecessor

    /// Goes on with what a predecessor had not settled.
    mutating func resumeHistory(_ turn: inout ServiceTurn) {
        turn.emit(.readHistory)
        for id in history.unsettled.keys.sorted(by: { $0.number < $1.number }) {
            if history[id]?.at == nil { turn.emit(.stamp(id)) }
        }
        for id in history.open {
            guard let began = history.began(id) else { continue }
            if machine.handovers.contains(where: { $0.entry == id }) {
                history.change(id) {
                    guard $0.steps.count < HistoryLimits.steps else { return }
                    $0.steps.append(
                        HistoryStep(
                            after: turn.now - began, generation: $0.to, what: "takenOver", text: nil
                        ))
                }
            } else if let last = machine.lastHandover, last.entry == id {
                close(summary(of: last), &turn)
            } else {
                // A supervisor that knows nothing of the history has ended it.
                history.change(id) { ($0.result, $0.reason) = (.interrupted, HistoryLimits.untold) }
            }
        }
    }

    // MARK: The file

    /// Has the history written where it has changed.
    private mutating func writeHistory(_ turn: inout ServiceTurn) {
        guard history.isToBeWritten(at: turn.now) else { return }
        history.beginWriting()
        turn.emit(.writeHistory)
    }

    mutating func historyRead(
        _ found: [HistoryEntry], _ fault: String?, _ turn: inout ServiceTurn
    ) {
        history.read(found, isDamaged: fault != nil)
        if let fault { turn.warn("history: \(fault)") }
    }

    mutating func historyWritten(_ fault: String?, _ turn: inout ServiceTurn) {
        let hadFailed = history.hasFailed
        guard let fault else {
            if hadFailed {
                turn.emit(.announce(.note(.notice, "the history is written again", nil)))
            }
            return history.written(last: machine.lastHandover?.entry)
        }
        history.notWritten(at: turn.now)
        if hadFailed { return }
        turn.warn(
            "the history cannot be written: \(fault); it goes on in memory, and is tried again every "
                + "\(History.pause)")
    }
}

extension Service {
    /// The number of the handover that a step belongs to; nil where it belongs to none, and before the history was
    /// read.
    package func handoverNumber(of progress: Progress) -> Int? {
        let about = history.ofThisLife(about: progress.generation)
        let entry = about.first { $0.isAbout(progress) } ?? about.first
        return entry?.givenNumber
    }

    /// The number of the newest handover that a generation is part of.
    package func handoverNumber(about generation: GenerationID) -> Int? {
        history.newest(about: generation).flatMap { number(of: $0) }
    }

    /// A handover's number; nil before the history was read.
    package func number(of handover: RequestID) -> Int? {
        history[handover]?.givenNumber
    }
}

extension RequestID {
    /// What the first generation's entry is known by: no request has a number below 1.
    static func start(of generation: GenerationID) -> RequestID { RequestID(-generation.number) }
}

extension Handover {
    /// What its entry is known by.
    package var entry: RequestID { number ?? .start(of: to) }
}

extension HandoverReport {
    /// What its entry is known by.
    package var entry: RequestID { number ?? .start(of: to) }
}

extension HandoverOutcome {
    fileprivate var isFailure: Bool {
        switch self {
        case .completed, .passed: false
        case .failed, .rolledBack, .aborted: true
        }
    }
}

extension History {
    /// Those of which it is not known yet what they run.
    var undescribed: [RequestID] {
        unsettled.isEmpty ? [] : unsettled.keys.filter { self[$0]?.launch.workers == 0 }
    }

    /// Those of this life that a generation is part of and that are remembered here: those under way first, the
    /// newest before the others.
    func ofThisLife(about generation: GenerationID) -> [HistoryEntry] {
        let all = unsettled.keys.sorted { isOlder($1, $0) }.compactMap { self[$0] }
            .filter { $0.involves(generation) }
        return all.filter { !$0.isOver } + all.filter(\.isOver)
    }

    /// The newest of this life that a generation is part of.
    func newest(about generation: GenerationID) -> RequestID? {
        unsettled.keys.filter { self[$0]?.involves(generation) == true }
            .max { isOlder($0, $1) }
    }

    /// The newest of this life that leads to a generation.
    func newest(to generation: GenerationID) -> RequestID? {
        unsettled.keys.filter { self[$0]?.to == generation }.max { isOlder($0, $1) }
    }
}

extension ServiceSettings {
    /// What is remembered of them.
    fileprivate var remembered: [String] {
        var lines: [String] = []
        var length = 0
        for line in notable {
            length += line.utf8.count
            guard length <= 4 * HistoryLimits.text else { break }
            lines.append(line)
        }
        return lines
    }
}
