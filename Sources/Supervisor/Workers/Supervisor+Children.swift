import Kernel

extension Supervisor {
    /// Becomes the parent of all that its keeper leaves should it die, and reaps what nobody knows.
    func watchChildren() throws(SupervisorError) -> SignalWatch {
        do throws(KernelError) {
            try Reaping.adoptOrphans()
            return try SignalWatch([SignalNumber.child], in: loop) { [unowned self] _ in
                reapOrphans()
            }
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    /// How soon is looked again when the first dead child is one that somebody else waits for.
    private static let patience = Duration.milliseconds(10)

    /// Orphans reaped in one go: there may be ones that end without end.
    private static let batch = 64

    private func reapOrphans() {
        var left = Self.batch
        while let pid = try? Reaping.deadChild() {
            // Who waits for it reaps it; then the next one can be seen.
            let isKnown = isKnownChild(pid)
            if isKnown || left == 0 {
                let again = MonotonicClock.now() + (isKnown ? Self.patience : .zero)
                _ = loop.schedule(at: again) { [unowned self] in reapOrphans() }
                return
            }
            left -= 1
            _ = try? Reaping.reap(pid)
        }
    }

    private func isKnownChild(_ pid: Int32) -> Bool {
        successor?.pid == pid
            || workers.values.contains { $0.pid == pid || $0.readyCommand?.pid == pid }
    }
}
