import ControlProtocol
import HandoverCore
import HistoryWire
import ServiceCore
import Settings

/// What the core says, in the words of the control socket.
extension HandoverSummary {
    init(_ summary: Reply.Summary) {
        self.init(summary.report)
        reason = summary.reason
        if result == .completed, reason != nil { result = .incomplete }
    }
}

extension HandoverStatus {
    init(_ handover: Handover, _ machine: Machine, seconds: Double) {
        let mover = machine.generations.first { $0.handover == handover }
        let phase: HandoverPhase =
            switch mover?.phase {
            case .starting: mover?.workers.allSatisfy(\.isReady) ?? false ? .ready : .start
            case .canary: .canary
            case .draining: .drain
            // Its workers are stopped, and nothing goes back to anybody.
            case .retiring where handover.dryRun != nil, .failed where handover.dryRun != nil:
                .ready
            case .retiring, .stopped, .failed, .current, nil: .retire
            }
        self.init(
            from: handover.from.number, to: handover.to.number, phase: phase, seconds: seconds,
            watchEnd: handover.watchEnd.map { WatchResult($0) },
            isDryRun: handover.dryRun == nil ? nil : true)
    }
}

extension OperationProgress {
    /// A step as an asker hears of it; nil for one that is no phase's.
    init?(_ progress: Progress, after time: Duration) {
        let generation = progress.generation.number
        func step(
            _ phase: HandoverPhase, over: Bool, flows: FlowCount? = nil,
            outside: OutsideCount? = nil, left: Duration? = nil, likely: Duration? = nil
        ) -> OperationProgress {
            OperationProgress(
                phase: phase, over: over, generation: generation, seconds: time.seconds,
                flowsLeft: flows.map { $0.confirmed + $0.unconfirmed },
                outsideLeft: outside.map { OutsideStatus($0) }, secondsLeft: left?.seconds,
                secondsLikely: likely.map { max(0, $0.seconds) })
        }
        switch progress.step {
        case .started: self = step(.start, over: true)
        case .ready: self = step(.ready, over: true)
        case .passed:
            self = step(.ready, over: false)
            message = "generation \(generation) would have become current"
        case .watching(let time):
            self = step(.flip, over: false)
            message = "generation \(generation) is watched for \(time)"
        case .watchEnded(let end):
            self = step(.flip, over: false)
            message = "generation \(generation) stays: \(end.words)"
        case .canary(let clients):
            self = step(.canary, over: false)
            message = "generation \(generation) gets the new flows of \(clients)"
        case .aborted(let reason):
            self = step(.canary, over: true)
            message = reason
        case .flipped: self = step(.flip, over: true)
        case .draining(let flows, let outside, let deadline, let likelyEnd):
            self = step(
                .drain, over: false, flows: flows, outside: outside,
                left: deadline.map { $0 - progress.at }, likely: likelyEnd.map { $0 - progress.at })
        case .retiring: self = step(.drain, over: true)
        case .stopped: self = step(.retire, over: true)
        case .preparing, .resumed, .queuesNotEmptied, .failing, .failed, .workerReady,
            .workerFailed, .workerDied, .workerRestarts, .workerKilled:
            return nil
        }
    }
}

extension ServiceEvent {
    /// A step as followers hear of it; nil for what they are told where it is seen.
    init?(_ progress: Progress, at time: String) {
        self.init(time: time, kind: .phase, generation: progress.generation.number)
        switch progress.step {
        case .preparing: kind = .handoverStarted
        case .started: phase = .start
        case .ready: phase = .ready
        case .passed:
            phase = .ready
            message = "would have become current: a dry run"
        case .watching(let time):
            phase = .flip
            message = "is watched for \(time)"
        case .watchEnded(let end):
            watchEnd = WatchResult(end)
            switch end {
            case .passed, .promoted:
                phase = .flip
                message = "stays: \(end.words)"
            case .deserted, .failed, .brokenOff:
                kind = .warning
                message = "generation \(progress.generation) stays: \(end.words)"
            }
        case .canary(let clients):
            phase = .canary
            message = "gets the new flows of \(clients)"
        case .aborted(let reason):
            kind = .warning
            message = "the canary is over: \(reason)"
        case .flipped: phase = .flip
        case .draining(let flows, let outside, _, _):
            phase = .drain
            flowsLeft = flows.map { $0.confirmed + $0.unconfirmed }
            outsideLeft = outside.map { OutsideStatus($0) }
        case .retiring(let cause):
            phase = .retire
            message = "the drain ended: \(cause.words)"
        case .stopped: kind = .generationStopped
        case .resumed(let reason), .failing(let reason), .failed(let reason):
            kind = .warning
            message = reason
        case .queuesNotEmptied:
            kind = .warning
            message = "its queues did not get empty in time"
        case .workerFailed(let index, let reason):
            kind = .workerFailed
            worker = index
            message = reason
        case .workerReady, .workerDied, .workerRestarts, .workerKilled: return nil
        }
    }
}

extension Duration {
    /// As a number, for JSON.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension CanaryPlan {
    /// The plan that somebody asks for, for clients chosen anew each time.
    init?(_ steps: CanarySteps) {
        let shares = steps.shares.compactMap { Share(millionths: Int(($0 * 10_000).rounded())) }
        let asked = steps.networks ?? []
        let networks = asked.compactMap { try? InternetNetwork.parse($0).description }
        guard shares.count == steps.shares.count, networks.count == asked.count else { return nil }
        self.init(
            steps: shares, networks: networks, stepTime: steps.stepSeconds.map { .seconds($0) },
            restarts: steps.restarts ?? 0, drops: steps.drops, key: .random(in: .min ... .max),
            check: steps.check)
    }
}

extension WatchPlan {
    init?(_ wanted: WatchWanted) {
        self.init(
            time: .seconds(wanted.seconds), restarts: wanted.restarts ?? 0, drops: wanted.drops,
            check: wanted.check)
    }
}

extension WatchResult {
    init(_ end: WatchEnd) { self.init(rawValue: end.word) }
}

extension WatchStatus {
    init(_ watch: Watch, at now: Instant) {
        self.init(
            secondsLeft: max(0, (watch.until - now).seconds),
            isChecked: watch.isChecked ? true : nil, drops: watch.drops?.lost,
            dropLimit: watch.drops?.limit, failure: watch.failure)
    }
}

extension CanaryStatus {
    init(_ trial: Trial, at now: Instant) {
        self.init(
            share: Double(trial.clients.share?.millionths ?? 0) / 10_000, step: trial.step + 1,
            steps: trial.plan.count,
            secondsLeft: trial.until.map { max(0, ($0 - now).seconds) },
            isChecked: trial.check == .running ? true : nil, drops: trial.drops?.lost,
            dropLimit: trial.drops?.limit,
            networks: trial.plan.networks.isEmpty ? nil : trial.plan.networks)
    }
}
