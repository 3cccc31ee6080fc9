import ControlProtocol
import HandoverCore
import Logging

extension Supervisor {
    /// Tells who asked what became of it.
    func answer(_ id: RequestID, _ answer: Answer) {
        guard let request = requests[id] else { return }
        switch answer {
        case .current(let generation):
            log.info("\(request.what): generation \(generation) is current")
            if request.wait == .drained, !isOver(request) { return }
            finish(id, .operation(OperationReply(generation: generation.number)))
        case .done:
            finish(id, .operation(OperationReply(generation: machine.current?.number)))
        case .refused(let reason):
            log.warning("\(request.what) refused: \(reason)")
            finish(id, .error(refusal(reason)))
        case .nothingToRollBackTo:
            log.warning("\(request.what) refused: no generation came before the current one")
            finish(id, .error(.nothingToRollBackTo))
        case .failed(let reason):
            let generation = request.generation
            let reason = generation.map { explained(reason, of: $0) } ?? reason
            log.error("\(request.what) failed: \(reason)")
            finish(
                id,
                .error(
                    .upgradeFailed(
                        reason: reason,
                        output: generation.flatMap { lastLines[$0]?.lines } ?? [])))
        }
    }

    /// Tells those who waited for a handover's very end.
    func answerWaiters(for report: HandoverReport) {
        guard let id = report.request, requests[id] != nil else { return }
        switch report.outcome {
        case .completed:
            finish(
                id,
                .operation(
                    OperationReply(
                        generation: report.to.number, report: summary(of: report))))
        case .failed(let reason), .rolledBack(let reason):
            finish(
                id,
                .error(
                    .upgradeFailed(
                        reason: explained(reason, of: report.to),
                        output: lastLines[report.to]?.lines ?? [])))
        }
    }

    private func finish(_ id: RequestID, _ reply: ControlReply) {
        requests[id]?.connection?.reply(reply)
        requests[id] = nil
    }

    /// Whether nothing of the request's handover is left to wait for.
    private func isOver(_ request: PendingRequest) -> Bool {
        machine.handovers.isEmpty
    }

    private func refusal(_ reason: String) -> ControlError {
        switch machine.service {
        case .stopping, .ended: .shuttingDown
        case .idle, .running:
            machine.generations.contains { $0.phase == .starting }
                ? .handoverInProgress(reason: reason) : .refused(reason: reason)
        }
    }
}
