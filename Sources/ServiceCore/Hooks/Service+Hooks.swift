import HandoverCore
import Settings

/// When hooks run, and what they are told. Nothing waits for them.
extension Service {
    /// A step of a generation's way.
    mutating func runHooks(after progress: Progress, _ turn: inout ServiceTurn) {
        let id = progress.generation
        // Nothing comes of a dry run that anybody would have to act upon.
        guard machine.generation(id)?.handover?.dryRun == nil else { return }
        var facts: [String: String] = [:]
        facts[Self.handover] = handoverNumber(of: progress).map { "\($0)" }
        switch progress.step {
        case .ready: runHooks(.ready, id, facts, &turn)
        case .flipped(let from):
            facts["RELEVO_FROM"] = from.map { "\($0)" }
            runHooks(.flipped, id, facts, &turn)
        case .retiring(let cause):
            facts["RELEVO_CAUSE"] = cause.rawValue
            runHooks(.drained, id, facts, &turn)
        case .aborted(let reason):
            tell(reason, id, "aborted", &facts)
            runHooks(.rolledback, id, facts, &turn)
        case .resumed(let reason):
            // It is the former one that is current again; who has lost the new flows is what people ask.
            let lost = machine.generations.filter { $0.handover?.arriving == id }
                .max { ($0.drainBegan ?? turn.now) < ($1.drainBegan ?? turn.now) }?.id
            tell(reason, lost ?? id, "rolledBack", &facts)
            runHooks(.rolledback, lost ?? id, facts, &turn)
        case .failed(let reason):
            // With a handover its report tells it, also where no generation of its own has begun.
            guard machine.lastHandover?.to != id,
                !machine.handovers.contains(where: { $0.to == id })
            else { return }
            tell(reason, id, "failed", &facts)
            runHooks(.failed, id, facts, &turn)
        case .preparing, .started, .passed, .canary, .watching, .watchEnded, .draining,
            .queuesNotEmptied, .failing, .stopped,
            .workerReady, .workerFailed, .workerDied, .workerRestarts, .workerKilled:
            break
        }
    }

    /// A handover's end.
    mutating func runHooks(after summary: Reply.Summary, _ turn: inout ServiceTurn) {
        switch summary.report.outcome {
        case .failed where summary.report.isDryRun == true: break
        case .failed:
            let id = summary.report.to
            var facts = ["RELEVO_RESULT": "failed", "RELEVO_FROM": "\(summary.report.from)"]
            facts["RELEVO_REASON"] = summary.reason
            facts[Self.handover] = number(of: summary.report.entry).map { "\($0)" }
            runHooks(.failed, id, facts, &turn)
        case .completed, .rolledBack, .aborted, .passed: break
        }
    }

    private static let handover = "RELEVO_HANDOVER"

    private func tell(
        _ reason: String, _ id: GenerationID, _ result: String, _ facts: inout [String: String]
    ) {
        facts["RELEVO_REASON"] = explanations.explained(reason, of: id)
        facts["RELEVO_RESULT"] = result
    }

    private mutating func runHooks(
        _ occasion: Hook.Occasion, _ id: GenerationID, _ facts: [String: String],
        _ turn: inout ServiceTurn
    ) {
        let meant = settings.hooks.filter { $0.occasion == occasion }
        guard !meant.isEmpty else { return }
        var facts = facts.mapValues { HistoryLimits.cut($0) }
        facts["RELEVO_SERVICE"] = settings.name
        facts["RELEVO_HOOK"] = occasion.rawValue
        facts["RELEVO_GENERATION"] = "\(id)"
        facts["RELEVO_CURRENT"] = machine.current.map { "\($0)" }
        if let entry = history.newest(to: id).flatMap({ history[$0] }) {
            facts["RELEVO_MESSAGE"] = entry.message
            facts["RELEVO_UID"] = entry.uid.map { "\($0)" }
        }
        // No string in an environment has one inside.
        facts = facts.mapValues { String($0.unicodeScalars.filter { $0.value != 0 }) }
        for hook in meant {
            guard let left = hooks.add(hook, facts, for: settings.hookTimeout) else { continue }
            turn.warn("\(left.name) is not run: \(Hooks.mostWaiting) wait already")
        }
        turn.emit(hooks.begin().map { .runHook($0) })
    }

    /// A hook is over.
    mutating func hookEnded(_ number: Int, _ fault: String?, _ turn: inout ServiceTurn) {
        guard let run = hooks.end(number) else { return }
        if let fault { turn.warn("\(run.name) \(fault)") }
        turn.emit(hooks.begin().map { .runHook($0) })
    }
}
