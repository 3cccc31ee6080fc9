package import HandoverCore
import Settings

/// What askers, followers and the log are told of what the machine does.
extension Service {
    /// Tells an asker what became of its request.
    mutating func answer(_ id: RequestID, _ answer: Answer, _ turn: inout ServiceTurn) {
        guard let request = requests[id] else { return }
        func note(_ level: Notice.NoteLevel, _ text: String) {
            turn.emit(.announce(.note(level, "\(request.what)\(text)", nil)))
        }
        switch answer {
        case .current(let generation):
            note(.info, ": generation \(generation) is current")
            requests.awaitLook(id, at: generation)
            reconciler.wantLook()
            if request.wait == .drained, machine.handovers.contains(where: { $0.request == id }) {
                return requests.awaitEnd(id)
            }
        case .done:
            turn.emit(requests.finish(id, .done(request.generation ?? machine.current, nil)))
        case .refused(let reason):
            note(.notice, " refused: \(reason)")
            turn.emit(requests.finish(id, refusal(reason)))
        case .nothingToRollBackTo:
            note(.notice, " refused: no generation came before the current one")
            turn.emit(requests.finish(id, .nothingToRollBackTo))
        case .failed(let reason):
            let generation = request.generation
            let reason = generation.map { explanations.explained(reason, of: $0) } ?? reason
            note(.error, " failed: \(reason)")
            turn.emit(
                requests.finish(
                    id,
                    .failed(
                        reason, output: generation.map { explanations.lines(of: $0) } ?? [],
                        handover: generation.flatMap { handoverNumber(about: $0) })))
        }
    }

    /// Answers those whose handover has become another one's: a rollback has turned it around.
    mutating func answerOvertaken(_ turn: inout ServiceTurn) {
        for id in requests.awaitingEnd
        where !machine.handovers.contains(where: { $0.request == id }) {
            turn.emit(
                requests.finish(
                    id, .failed("a later request has turned the handover around", output: [])))
        }
    }

    private func refusal(_ reason: String) -> Reply {
        switch machine.service {
        case .stopping, .ended: .shuttingDown
        case .idle, .running:
            machine.generations.contains {
                [.starting, .canary].contains($0.phase) || $0.watch != nil
            }
                ? .handoverInProgress(reason) : .refused(reason)
        }
    }

    /// Tells of one step of a generation's way.
    mutating func report(_ progress: Progress, _ turn: inout ServiceTurn) {
        let id = progress.generation
        switch progress.step {
        case .preparing:
            if let request = progress.request { requests.started(id, by: request) }
        case .failing(let reason): explain(id, reason, at: turn.now)
        case .draining(_, _, let deadline, _): tellDeadline(id, deadline, &turn)
        case .retiring: reconciler.wantLook()
        case .started, .ready, .passed, .canary, .aborted, .flipped, .watching, .watchEnded,
            .resumed, .queuesNotEmptied, .stopped, .failed,
            .workerReady, .workerFailed, .workerDied, .workerRestarts, .workerKilled:
            break
        }
        note(progress, &turn)
        runHooks(after: progress, &turn)
        turn.emit(.announce(.progress(progress)))
        turn.emit(requests.progress(progress))
    }

    /// Finds words for what held up a generation that fails.
    private mutating func explain(_ id: GenerationID, _ reason: String, at now: Instant) {
        // Where a worker has died, that is the reason, and not what the others are waited for.
        if machine.generation(id)?.workers.allSatisfy(\.hasProcess) ?? false {
            let obstacles = workers.ids(of: id).compactMap { worker in
                workers[worker]?.readiness?.judge.obstacle(at: now.sinceStart)
                    .map { "worker \(worker): \($0)" }
            }
            explanations.explain(id, obstacles.joined(separator: "; "))
        } else {
            explanations.explain(
                id,
                FailureHint(
                    reason: reason, lines: explanations.lines(of: id),
                    isAlone: machine.generations.count == 1)?.text)
        }
    }

    /// Tells of a handover's end.
    mutating func handoverEnded(_ report: HandoverReport, _ turn: inout ServiceTurn) {
        let summary = summary(of: report)
        close(summary, &turn)
        runHooks(after: summary, &turn)
        if isBeingSteered(to: report.arriving) {
            // Without overlap it ends with the flip, whose time is not known yet.
            unmeasured = report.to
        } else {
            turn.emit(.announce(.handoverEnded(summary)))
        }
        if let id = report.request {
            switch report.outcome {
            case .completed: succeed(id, report, &turn)
            case .passed: turn.emit(requests.finish(id, .done(report.to, nil)))
            case .rolledBack where requests[id]?.generation == nil:
                // It has started no generation: the rollback itself was asked for.
                succeed(id, report, &turn)
            case .failed, .rolledBack, .aborted:
                turn.emit(
                    requests.finish(
                        id,
                        .failed(
                            summary.reason ?? "", output: explanations.lines(of: report.to),
                            handover: number(of: report.entry))))
            }
        }
        let shown = Set(machine.generations.map(\.id) + [report.to])
        explanations.keep(only: shown)
        followSettings(&turn)
        seatWaiting(&turn)
    }

    /// Answers who waited for a handover's end, unless it is still being looked what that came to.
    private mutating func succeed(
        _ id: RequestID, _ report: HandoverReport, _ turn: inout ServiceTurn
    ) {
        guard !requests.ended(id, report) else { return }
        turn.emit(requests.finish(id, .done(report.arriving, summary(of: report))))
    }

    /// Tells of a handover whose flip was measured after its end.
    mutating func announceMeasured(_ turn: inout ServiceTurn) {
        guard let id = unmeasured, let report = machine.lastHandover,
            report.to != id || !isBeingSteered(to: report.arriving)
        else { return }
        unmeasured = nil
        if report.to == id { turn.emit(.announce(.handoverEnded(summary(of: report)))) }
    }

    /// A handover's report, its reason explained.
    package func summary(of report: HandoverReport) -> Reply.Summary {
        switch report.outcome {
        case .completed:
            Reply.Summary(
                report: report,
                reason: explanations.fault(of: report.to) ?? report.watchEnd?.fault)
        case .passed: Reply.Summary(report: report, reason: nil)
        case .failed(let reason), .rolledBack(let reason), .aborted(let reason):
            Reply.Summary(
                report: report, reason: explanations.explained(reason, of: report.to))
        }
    }

    // MARK: The service manager

    /// What the service manager is told now.
    var managerReport: ManagerReport {
        var report = ManagerReport(
            status: statusLine, isReady: machine.steering != nil || waitsForJoiners,
            isStopping: false, asksForTime: false)
        switch machine.service {
        case .stopping:
            report.isStopping = true
            report.asksForTime = !isShuttingDown
        case .idle, .running, .ended: break
        }
        return report
    }

    /// Whether it is ready without a generation, since workers are to join.
    private var waitsForJoiners: Bool {
        settings.command.isEmpty && machine.generations.isEmpty
    }

    /// The service in one line, for `systemctl status`.
    package var statusLine: String {
        let parts: [String] = machine.generations.compactMap { generation in
            let name = "generation \(generation.id)"
            switch generation.phase {
            case .starting: return "\(name) starts"
            case .canary:
                return
                    "\(name) has \(generation.trial.map { "\($0.clients)" } ?? "a share of the clients")"
            case .current:
                let ready = generation.readyWorkers
                let verb = ready > 0 ? "serves" : "does not serve"
                return "\(name) \(verb), \(ready) of \(generation.workers.count) workers ready"
            case .draining: return "\(name) drains\(left(generation))"
            case .retiring: return "\(name) retires"
            case .stopped, .failed: return nil
            }
        }
        let state = parts.isEmpty ? "no generation runs" : parts.joined(separator: "; ")
        guard case .stopping = machine.service else { return state }
        let limit =
            machine.generations.contains { $0.phase == .draining } && !isShuttingDown
            ? machine.policy.drainTimeoutAtStop.map { ", sessions have \($0) at most to end" } : nil
        return "stops\(limit ?? ""): \(state)"
    }

    private func left(_ generation: Generation) -> String {
        guard let flows = flows[generation.id] else { return "" }
        let total = flows.confirmed + flows.unconfirmed
        let more = generation.outside?.total ?? 0
        return ", \(total) flows" + (more > 0 ? ", \(more) other sessions" : "")
    }
}
