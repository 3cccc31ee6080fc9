import HandoverCore

extension World {
    /// Carries out what an event led to. Where the supervisor crashes on the way, its successor carries out
    /// again all that the record does not say is done.
    mutating func carryOut(_ effects: [Effect]) {
        let crash = crashAfter ?? 0
        crashAfter = nil
        let done = effects.prefix(crash)
        done.forEach { carryOut($0) }
        let recorded = done.lastIndex { $0.repetition == .noticed }.map { $0 + 1 } ?? 0
        for (index, effect) in effects.enumerated().dropFirst(recorded) {
            repeats = index < crash
            carryOut(effect)
        }
        repeats = false
    }

    private mutating func carryOut(_ effect: Effect) {
        if repeats, isDone(effect) { return }
        switch effect {
        case .prepareBank(let id, _):
            expect(banks[id] == nil && bankAsks[id] == nil, "bank of \(id) asked for twice")
            bankAsks[id] = .some(nil)
        case .inheritBank(let id, _, let from):
            expect(banks[id] == nil && bankAsks[id] == nil, "bank of \(id) asked for twice")
            expect(banks[from] != nil, "\(id) inherits a bank that \(from) has not")
            expect(!children.keys.contains { $0.generation == from }, "\(from) still runs")
            bankAsks[id] = .some(from)
        case .freeBank(let id):
            expect(banks.removeValue(forKey: id) != nil, "bank of \(id) freed, but it is not there")
            expect(!children.keys.contains { $0.generation == id }, "bank of \(id) freed under it")
            expect(
                isStopping || !flows.contains { $0.generation == id },
                "bank of \(id) freed with flows on it")
            countAsks.remove(id)
            outsideAsks.remove(id)
            watches.remove(id)
        case .startWorker(let id):
            expect(children[id] == nil, "worker \(id) started twice")
            expect(id.index < banks[id.generation] ?? 0, "worker \(id) has no slot")
            children[id] = Child(process: .asked)
        case .stopWorker(let id):
            expect(children[id]?.toldToStop == false, "worker \(id) stopped twice or not there")
            children[id]?.toldToStop = true
        case .killWorker(let id):
            expect(
                children[id]?.toldToStop == true && children[id]?.killed == false,
                "worker \(id) killed before it was asked to stop, or twice")
            children[id]?.killed = true
        case .steerNewFlows(let id, let workers, let canary): steer(id, workers, canary)
        case .abandonWorker(let id): abandon(id)
        case .resteer(let id): resteer(id)
        case .tellDraining(let id):
            expect(!repeats, "\(id) is told to drain twice")
            tell(id, true)
        case .tellResumed(let id):
            expect(!repeats, "\(id) is told to serve on twice")
            tell(id, false)
        case .countFlows(let id):
            expect(banks[id] != nil, "flows of \(id) counted without a bank")
            expect(!repeats, "flows of \(id) are counted once more, when there are none")
            countAsks.insert(id)
        case .watchQueues(let id):
            expect(banks[id] != nil, "queues of \(id) watched without a bank")
            watches.insert(id)
        case .runCheck(let id, let step, _):
            let generation = machine.generation(id)
            expect(
                generation?.phase == .canary || generation?.watch != nil
                    || generation?.phase == .starting && generation?.handover?.dryRun != nil,
                "\(id) is checked, which is not tried")
            checks[id] = step
        case .countDrops(let id):
            expect(
                machine.generation(id)?.trial?.plan.drops != nil
                    || machine.generation(id)?.watch?.plan.drops != nil,
                "drops are counted for \(id), which may cause any number")
            dropAsks.insert(id)
        case .answer(let request, _):
            expect(openRequests.remove(request) != nil, "\(request) answered twice")
        case .progress, .handoverEnded: break
        case .ended(let end):
            expect(self.end == nil, "ended twice")
            self.end = end
            expect(banks.isEmpty && bankAsks.isEmpty, "ended with a bank")
            expect(children.isEmpty, "ended with a process")
            expect(openRequests.isEmpty, "ended with a request not answered")
        }
    }

    /// Whether the shell sees that there is nothing to do any more.
    private func isDone(_ effect: Effect) -> Bool {
        switch effect {
        case .prepareBank(let id, _), .inheritBank(let id, _, _):
            bankAsks[id] != nil || banks[id] != nil
        case .freeBank(let id): banks[id] == nil
        case .startWorker(let id): children[id] != nil
        case .killWorker(let id): children[id]?.killed ?? true
        case .answer(let request, _): !openRequests.contains(request)
        case .ended: end != nil
        case .stopWorker, .steerNewFlows, .abandonWorker, .resteer, .tellDraining, .tellResumed,
            .countFlows, .watchQueues, .runCheck, .countDrops, .progress, .handoverEnded:
            false
        }
    }

    mutating func expect(_ holds: Bool, _ fault: @autoclosure () -> String) {
        if !holds {
            faults.append(fault())
        }
    }

    /// Whether the service is on its way out, when flows have nowhere to stay.
    var isStopping: Bool {
        switch machine.service {
        case .stopping, .ended: true
        case .idle, .running: false
        }
    }

    private mutating func steer(_ id: GenerationID, _ workers: [Int], _ canary: TrialTarget?) {
        expect(!workers.isEmpty, "new flows steered to nobody")
        expect(banks[id] != nil, "new flows steered to \(id) without a bank")
        let serving = (0..<(banks[id] ?? 0)).filter { serves(WorkerID(id, $0)) }
        let phase = machine.generation(id)?.phase
        let yields = phase == .retiring && !isStopping
        let leaves = (phase == .draining || phase == .retiring) && isStopping
        expect(phase == .current || yields || leaves, "steered to \(id), which is not current")
        expect(
            workers.allSatisfy(serving.contains) || !workers.contains(where: serving.contains),
            "new flows steered to dead workers of \(id) beside live ones")
        if phase == .current {
            expect(serving.isEmpty || workers == serving, "steered to \(workers), not \(serving)")
        }
        if let canary {
            let its = canary.generation
            expect(phase == .current, "a share of the new flows of \(id), which is not current")
            expect(
                machine.generation(its)?.phase == .canary && banks[its] != nil,
                "a share goes to \(its), which is no canary")
            expect(
                !canary.workers.isEmpty
                    && canary.workers.allSatisfy { serves(WorkerID(its, $0)) },
                "a share goes to workers of \(its) that do not serve")
        }
        target = SteeringTarget(generation: id, workers: workers, canary: canary)
    }

    /// Whether the process is ready and has not been sent a signal.
    func serves(_ id: WorkerID) -> Bool {
        children[id]?.process == .ready && children[id]?.toldToStop == false
    }

    private mutating func abandon(_ id: WorkerID) {
        let yields = machine.generation(id.generation)?.phase == .retiring
        expect(!serves(id) || yields, "worker \(id) abandoned alive")
        move { $0 == id }
    }

    private mutating func resteer(_ id: GenerationID) {
        let phase = machine.generation(id)?.phase
        expect(phase == .retiring || phase == .stopped, "\(id) re-steered before its drain's end")
        expect(target?.generation != id, "\(id) re-steered to itself")
        func retires(_ cause: RetireCause) -> Bool {
            effects.contains { effect in
                switch effect {
                case .progress(let progress):
                    progress.generation == id && progress.step == .retiring(cause)
                default: false
                }
            }
        }
        let kinds = machine.policy.drainWaitsFor
        let its = kinds.contains(.flows) ? flows.filter { $0.generation == id }.count : 0
        let left = its + (outside[id]?.count(of: kinds) ?? 0)
        expect(!retires(.idle) || left == 0, "\(id) is not idle")
        expect(
            !retires(.few) || left <= max(Self.keep, machine.policy.drainKeep), "\(id) has \(left)")
        move { $0.generation == id }
    }

    /// Flows that count as new go where new flows go.
    private mutating func move(_ moves: (WorkerID) -> Bool) {
        guard let target else { return }
        let slot = WorkerID(target.generation, target.workers.first ?? 0)
        flows = flows.map { moves($0) ? slot : $0 }
    }

    private mutating func tell(_ id: GenerationID, _ draining: Bool) {
        for (worker, child) in sortedChildren
        where worker.generation == id && child.process == .ready {
            children[worker]?.toldToDrain = draining
            children[worker]?.saidDrained = false
        }
    }
}
