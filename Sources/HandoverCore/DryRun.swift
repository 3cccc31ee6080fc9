// A dry run: a generation is started only to see whether it would do, and is stopped again.

/// What a generation that is stopped again has to show besides getting ready.
package struct DryRun: Hashable, Codable, Sendable {
    /// Must end with 0; nil where to be ready is enough.
    package let check: [String]?

    package init(check: [String]? = nil) {
        self.check = check
    }
}

extension Machine {
    /// All its workers are ready. It goes on as one that starts, so that whatever ends that ends it: no new flow
    /// ever goes to it.
    mutating func tryOut(_ index: Int, _ dryRun: DryRun, _ turn: inout Turn) {
        guard let check = dryRun.check else { return passDryRun(index, &turn) }
        generations[index].starting?.check = .running
        turn.emit(.runCheck(generations[index].id, step: 0, command: check))
    }

    /// Its check has ended; an answer that nobody waits for says nothing.
    mutating func dryRunChecked(_ index: Int, _ failure: String?, _ turn: inout Turn) {
        guard generations[index].starting?.check == .running else { return }
        if let failure {
            fail(index, "its check failed: \(failure)", bank: .held, &turn)
        } else {
            passDryRun(index, &turn)
        }
    }

    /// It would have taken over. It is taken down like one that has failed.
    private mutating func passDryRun(_ index: Int, _ turn: inout Turn) {
        guard var handover = generations[index].handover else { return }
        handover.outcome = .passed
        generations[index].state = .failing(
            Failing(
                reason: "the dry run is over", handover: handover, bank: .held, sequel: .free))
        turn.note(generations[index], .passed)
        stopWorkers(index, &turn)
    }
}
