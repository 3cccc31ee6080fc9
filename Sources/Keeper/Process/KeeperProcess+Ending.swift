import Kernel

extension KeeperProcess {
    /// The supervisor says that the service has ended: what it left running is left by mistake.
    func end() {
        endPhase()
        phase = .ending(kill: nil)
        watchOrphanedWorkers()
        signalAll(SignalNumber.kill)
        finishIfAlone()
    }

    /// The service has ended without its supervisor: stops the workers in its place.
    func beginEnding() {
        switch phase {
        case .keeping: break
        case .ending: return
        }
        watchOrphanedWorkers()
        signalAll(stopRule.signal)
        let deadline = MonotonicClock.now() + stopRule.timeout
        let kill = loop.schedule(at: deadline) { [unowned self] in signalAll(SignalNumber.kill) }
        phase = .ending(kill: kill)
        finishIfAlone()
    }

    /// Ends this process once its service has ended and no worker is left.
    func finishIfAlone() {
        switch phase {
        case .keeping: break
        case .ending:
            guard orphanedWorkers.isEmpty, workers.values.allSatisfy({ $0.exit != nil }) else {
                return
            }
            endPhase()
            for orphan in (try? Reaping.children()) ?? [] { Reaping.endChild(orphan) }
            loop.stop()
        }
    }

    private func signalAll(_ signal: Int32) {
        for worker in workers.values { worker.send(signal) }
        for worker in orphanedWorkers.values { worker.send(signal) }
    }

    /// Finds the workers of which an earlier keeper was the parent.
    private func watchOrphanedWorkers() {
        for (name, descriptor) in kept where name.hasSuffix(OrphanedWorker.suffix) {
            let worker = String(name.dropLast(OrphanedWorker.suffix.count))
            guard workers[worker] == nil, orphanedWorkers[worker] == nil else { continue }
            // What cannot be waited for cannot be ended either.
            orphanedWorkers[worker] = try? OrphanedWorker(descriptor, in: loop) { [unowned self] in
                orphanedWorkers[worker] = nil
                finishIfAlone()
            }
        }
    }

    private func endPhase() {
        switch phase {
        case .keeping: break
        case .ending(let kill): if let kill { loop.remove(kill) }
        }
    }
}
