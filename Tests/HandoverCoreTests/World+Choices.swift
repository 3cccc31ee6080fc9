import HandoverCore

extension World {
    /// Something that may happen next.
    enum Choice: Hashable {
        case event(Event)
        /// An event with the next request's number.
        case request(Event)
        /// Time passes until something is due.
        case wait
        /// Half of that time passes.
        case pause
        case newFlow
        case flowEnds(Int)
        /// A client connects to the generation that new flows go to.
        case connects
        case connectionEnds(GenerationID)
    }

    mutating func take(_ choice: Choice) {
        switch choice {
        case .event(let event): happen(event)
        case .request(let event):
            _ = request()
            happen(event)
        case .wait:
            guard let deadline = machine.nextDeadline else { return }
            now = max(now, deadline)
            happen(.tick)
        case .pause:
            guard let deadline = machine.nextDeadline, deadline > now else { return }
            now = now + (deadline - now) / 2
        case .newFlow:
            // Every second client is one of the canary's share.
            if let canary = target?.canary, flows.count.isMultiple(of: 2),
                let worker = canary.workers.randomIndex(flows.count)
            {
                flows.append(WorkerID(canary.generation, worker))
                return
            }
            guard let target, let worker = target.workers.randomIndex(flows.count) else { return }
            flows.append(WorkerID(holder(of: target.generation), worker))
        case .flowEnds(let index): flows.remove(at: index)
        case .connects:
            guard let target, children.keys.contains(where: { $0.generation == target.generation })
            else { return }
            outside[target.generation, default: OutsideCount()].connections += 1
        case .connectionEnds(let id): outside[id]?.connections -= 1
        }
    }

    /// Where a bank is now, that may have been passed on since it was steered to.
    private func holder(of id: GenerationID) -> GenerationID {
        if banks[id] != nil { return id }
        return machine.current ?? id
    }

    /// Honest answers to what was asked.
    var answers: [Choice] {
        var answers: [Event] = []
        for id in bankAsks.keys.sorted() {
            answers.append(.bankPrepared(id))
        }
        for (id, child) in sortedChildren {
            if child.toldToStop {
                let runs = child.process != .asked
                if !runs, isJoined(id.generation) {
                    answers.append(.workerStartFailed(id, "nobody came"))
                    continue
                }
                answers.append(runs ? .workerExited(id, .exited(status: 0)) : .workerStarted(id))
                continue
            }
            switch child.process {
            case .asked: answers.append(.workerStarted(id))
            case .running: answers.append(.workerReady(id))
            case .ready: break
            }
        }
        for id in countAsks.sorted() {
            let count = flows.count { $0.generation == id }
            answers.append(.flowsCounted(id, FlowCount(confirmed: count)))
        }
        for id in outsideAsks.sorted() {
            answers.append(.outsideCounted(id, outside[id] ?? OutsideCount()))
        }
        for id in watches.sorted() {
            answers.append(.queuesEmpty(id))
        }
        for (id, step) in checks.sorted(by: { $0.key < $1.key }) {
            answers.append(.checked(id, step: step, failure: nil))
        }
        for id in dropAsks.sorted() {
            answers.append(.dropsSeen(id, total: 0))
        }
        if machine.steeringAnswer == .refused, let steering = machine.steering {
            answers.append(.steered(steering.generation, .zero))
        }
        return answers.map(Choice.event)
    }

    func isJoined(_ id: GenerationID) -> Bool {
        machine.generation(id)?.launch.isJoined ?? false
    }

    /// The kernel refuses to steer.
    var refusals: [Choice] {
        guard let steering = machine.steering, machine.steeringAnswer == .accepted else {
            return []
        }
        let id = steering.generation
        // One that gets new flows and leaves makes room.
        let makesRoom = machine.generation(id)?.phase == .retiring
        return [.event(.steeringFailed(id, reason: "no memory"))]
            + (makesRoom ? [.event(.resteeringFailed(id, reason: "no memory"))] : [])
    }

    /// What goes wrong by itself.
    var mishaps: [Choice] {
        var mishaps: [Event] = []
        for (id, step) in checks.sorted(by: { $0.key < $1.key }) {
            mishaps.append(.checked(id, step: step, failure: "no answer"))
        }
        for id in dropAsks.sorted() {
            mishaps.append(.dropsSeen(id, total: 100))
        }
        for id in bankAsks.keys.sorted() {
            mishaps.append(.bankFailed(id, "no port"))
        }
        for (id, child) in sortedChildren {
            switch child.process {
            case .asked: mishaps.append(.workerStartFailed(id, "no such file"))
            case .running, .ready:
                if !child.toldToStop {
                    mishaps.append(
                        .workerExited(id, .killed(signal: 9), leavesQueue: id.index == 1))
                }
            }
        }
        return mishaps.map(Choice.event)
    }

    /// What workers say of themselves while their processes run on.
    var failings: [Choice] {
        sortedChildren.compactMap { id, child in
            let may = child.process != .asked && !child.toldToStop
            return may ? .event(.workerFailed(id, "says so")) : nil
        }
    }

    /// What workers say of their sessions.
    var drainings: [Choice] {
        sortedChildren.compactMap { id, child in
            let may = child.process == .ready && child.toldToDrain && !child.saidDrained
            return may ? .event(.workerDrained(id)) : nil
        }
    }

    /// What workers that count their sessions say of them: one more, or one less.
    var countings: [Choice] {
        sortedChildren.flatMap { id, child -> [Choice] in
            guard child.process == .ready, !child.toldToStop else { return [] }
            let count = child.sessions ?? 0
            let up: [Choice] = count < 2 ? [.event(.workerSessions(id, count + 1))] : []
            return up + (count > 0 ? [.event(.workerSessions(id, count - 1))] : [])
        }
    }

    /// Connections that may end.
    var disconnections: [Choice] {
        outside.filter { $0.value.connections > 0 }.keys.sorted().map(Choice.connectionEnds)
    }

    var sortedChildren: [(WorkerID, Child)] {
        children.map { ($0.key, $0.value) }.sorted {
            ($0.0.generation, $0.0.index) < ($1.0.generation, $1.0.index)
        }
    }

    /// Answers all that is asked, and lets time pass, until nothing is left to answer and nothing drains.
    /// False if that does not come about.
    mutating func calmDown(limit: Int = 2000) -> Bool {
        for _ in 0..<limit {
            if let answer = answers.first {
                take(answer)
            } else if isCalm {
                return true
            } else if waitsForPromotion {
                happen(.promote(request(), full: true))
            } else if machine.nextDeadline == nil {
                return false
            } else {
                take(.wait)
            }
        }
        return false
    }

    /// Whether a canary stays as it is until somebody asks for more.
    private var waitsForPromotion: Bool {
        machine.generations.contains { $0.isWhole && $0.trial != nil && $0.trial?.until == nil }
    }

    /// Whether the service has ended or one whole generation is all there is.
    var isCalm: Bool {
        if end != nil { return true }
        let living = machine.generations.filter { !$0.isOver }
        return living.count == 1 && living[0].phase == .current && living[0].isWhole
    }
}

extension [Int] {
    func randomIndex(_ number: Int) -> Int? {
        isEmpty ? nil : self[number % count]
    }
}
