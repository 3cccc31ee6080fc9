import Kernel

extension KeeperProcess {
    /// The supervisor says that the service has ended: what it left running is left by mistake.
    func end() {
        endPhase()
        phase = .ending(kill: nil)
        watchFoundlings()
        signalAll(SignalNumber.kill)
        finishIfAlone()
    }

    /// The service has ended without its supervisor: stops the workers in its place.
    func beginEnding() {
        switch phase {
        case .keeping: break
        case .ending: return
        }
        watchFoundlings()
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
            guard foundlings.isEmpty, workers.values.allSatisfy({ $0.exit != nil }) else { return }
            endPhase()
            for orphan in (try? Reaping.children()) ?? [] { Reaping.endChild(orphan) }
            loop.stop()
        }
    }

    private func signalAll(_ signal: Int32) {
        for worker in workers.values { worker.send(signal) }
        for foundling in foundlings.values { foundling.send(signal) }
    }

    /// Finds the workers of which an earlier keeper was the parent.
    private func watchFoundlings() {
        for (name, descriptor) in kept where name.hasSuffix(Foundling.suffix) {
            let worker = String(name.dropLast(Foundling.suffix.count))
            guard workers[worker] == nil, foundlings[worker] == nil else { continue }
            // What cannot be waited for cannot be ended either.
            foundlings[worker] = try? Foundling(descriptor, in: loop) { [unowned self] in
                foundlings[worker] = nil
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
