import HandoverCore

extension World {
    /// What must hold between any two events.
    mutating func checkRest() {
        expect(target == machine.steering, "steering is not what was said")
        if let deadline = machine.nextDeadline {
            expect(deadline > now, "something due was left undone")
            expect(end == nil, "a deadline after the end")
        }
        checkCurrent()
        for generation in machine.generations {
            checkWorkers(generation)
        }
        checkBanks()
    }

    /// From its flip on a handover is told of as from and to the same generations, whatever becomes of it.
    mutating func checkNames(of before: [Generation], _ effects: [Effect]) {
        let flipped = before.filter { $0.drainBegan != nil }.compactMap(\.handover)
        guard !flipped.isEmpty else { return }
        var names = machine.handovers.map { ($0.number, $0.from, $0.to) }
        for case .handoverEnded(let report) in effects {
            names.append((report.number, report.from, report.to))
        }
        for handover in flipped {
            for name in names where name.0 == handover.number {
                expect(
                    name.1 == handover.from && name.2 == handover.to,
                    "the handover \(handover.from) to \(handover.to) becomes \(name.1) to \(name.2)"
                )
            }
        }
    }

    /// A current generation is always ready or being restarted, and there is one from the first flip on.
    private mutating func checkCurrent() {
        let current = machine.generations.filter { $0.phase == .current }
        expect(current.count <= 1, "two generations are current")
        for worker in current.flatMap(\.workers) {
            expect(
                worker.state != .gone && worker.state != .waiting,
                "worker \(worker.index) of the current generation is not restarted")
        }
        if machine.steering != nil, !isStopping {
            expect(machine.current != nil, "nothing is current")
        }
        if let current = current.first, !isStopping {
            let ready = current.workers.filter(\.isReady).map(\.index)
            let wanted = ready.isEmpty ? current.workers.map(\.index) : ready
            expect(
                machine.steering
                    == SteeringTarget(generation: current.id, workers: wanted, canary: canary),
                "new flows are not where they belong")
        }
    }

    /// Where the share of a generation that is tried out belongs.
    private var canary: TrialTarget? {
        for generation in machine.generations {
            guard let trial = generation.trial, generation.readyWorkers > 0 else { continue }
            return TrialTarget(
                generation: generation.id, workers: generation.readyIndexes, clients: trial.clients,
                key: trial.plan.key)
        }
        return nil
    }

    private mutating func checkWorkers(_ generation: Generation) {
        for worker in generation.workers {
            let id = WorkerID(generation.id, worker.index)
            expect(worker.hasProcess == (children[id] != nil), "worker \(id) is mistaken")
            expect(worker.isReady == serves(id), "worker \(id) serves or not, mistaken")
        }
        if generation.isOver {
            expect(banks[generation.id] == nil, "\(generation.id) is over and has a bank")
            expect(bankAsks[generation.id] == nil, "\(generation.id) is over and asks for a bank")
        }
    }

    /// Nothing is held for a generation that nobody remembers.
    private mutating func checkBanks() {
        for id in Set(banks.keys).union(bankAsks.keys).union(children.keys.map(\.generation)) {
            expect(
                machine.generation(id)?.isOver == false, "\(id) holds something and is forgotten")
        }
    }
}
