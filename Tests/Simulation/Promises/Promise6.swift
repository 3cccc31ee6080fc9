import HandoverCore
import ServiceCore
import Settings

/// **A crash, kill -9 or upgrade of the supervisor is not noticed by traffic**, and the next
/// supervisor takes over the workers, sockets and pinned flows where they stand.
extension World {
    /// The processes that a supervisor that takes over has no reason to touch: those that serve, of a
    /// current generation that nothing happens to.
    func servesUndisturbed(_ state: PredecessorState, _ findings: Findings) -> [Int32] {
        guard case .running = state.service.machine.service, state.generations.count == 1,
            state.duties.isEmpty, settings.overlap
        else { return [] }
        let kept = Set(findings.workers.filter(\.isAlive).map(\.pid))
        return state.workers.values.compactMap { part in
            guard part.worker.isReady, case .running(let pid) = part.process?.life,
                kept.contains(pid), let process = processes[pid], !process.isEnding,
                part.slots.allSatisfy({ $0.allSatisfy { findings.slots[$0.id] == $0.inode } })
            else { return nil }
            return pid
        }.sorted()
    }

    func checkUndisturbed(_ pids: [Int32]) {
        guard let machine = conductor?.service.machine, machine.generations.count == 1,
            machine.generations.first?.phase == .current
        else { return }
        for pid in pids where processes[pid]?.isEnding ?? true || !isAlive(pid) {
            violate(.promise6, "process \(pid) served, and is ended by the next supervisor")
        }
    }
}
