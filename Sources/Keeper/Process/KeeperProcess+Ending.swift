import Kernel

extension KeeperProcess {
    /// The supervisor says that the service has ended: what it left running is left by mistake.
    func end() {
        endPhase()
        phase = .ending(kill: nil)
        for worker in workers.values { worker.send(SignalNumber.kill) }
        finishIfAlone()
    }

    /// The service has ended without its supervisor: stops the workers in its place.
    func beginEnding() {
        switch phase {
        case .keeping: break
        case .ending: return
        }
        for worker in workers.values { worker.send(stopRule.signal) }
        let deadline = MonotonicClock.now() + stopRule.timeout
        let kill = loop.schedule(at: deadline) { [unowned self] in
            for worker in workers.values { worker.send(SignalNumber.kill) }
        }
        phase = .ending(kill: kill)
        finishIfAlone()
    }

    /// Ends this process once its service has ended and no worker is left.
    func finishIfAlone() {
        switch phase {
        case .keeping: break
        case .ending:
            guard workers.values.allSatisfy({ $0.exit != nil }) else { return }
            endPhase()
            loop.stop()
        }
    }

    private func endPhase() {
        switch phase {
        case .keeping: break
        case .ending(let kill): if let kill { loop.remove(kill) }
        }
    }
}
