import HandoverCore

/// What is, against what ought to be.
extension Service {
    mutating func observeIfDue(_ turn: inout ServiceTurn) {
        guard reconciler.isDue(at: turn.now) else { return }
        let ought = expected
        reconciler.begin(ought)
        turn.emit(.observe(ought))
        lookAtAdopted(.periodic, &turn)
    }

    mutating func observed(_ observation: Observation, _ turn: inout ServiceTurn) {
        // While a generation drains, its flows are counted anyway.
        if !history.open.isEmpty, !machine.generations.contains(where: { $0.phase == .draining }) {
            turn.emit(.countFlows)
        }
        for difference in reconciler.end(observation, present: expected) {
            tell(difference, &turn)
        }
        for repair in Set(reconciler.standing.compactMap(\.repair)) {
            switch repair {
            case .steer: refreshSteering(&turn)
            case .exchange(let slot):
                guard !banks.isInFlight(slot) else { continue }
                reconciler.beginRepair(slot)
                turn.emit(.exchange(slot))
            case .end(let pid, let worker): turn.emit(.endLeftover(pid: pid, of: worker))
            }
        }
        // One that was asked for meanwhile comes first.
        if !reconciler.isWanted { answerChecked(&turn) }
    }

    /// A fresh socket is in a slot, and the one before is its worker's alone.
    mutating func exchanged(_ id: SlotID, _ socket: BoundSocket, _ turn: inout ServiceTurn) {
        reconciler.endRepair(id)
        guard banks.replace(id, socket, isFresh: true), let worker = banks.worker(of: id) else {
            return
        }
        if socket.lost > 0 { turn.submit(.dropsCounted(worker.generation, socket.lost)) }
        slotsChanged(of: worker, &turn)
        if machine.steers(to: worker.generation) { refreshSteering(&turn) }
    }

    /// A worker wanted another program to steer, and was not let.
    mutating func programRefused(
        _ listener: Int, _ worker: WorkerID, _ turn: inout ServiceTurn
    ) {
        let attempt = Difference.programRefused(listener: listener, worker)
        if reconciler.tried(attempt) { tell(attempt, &turn) }
    }

    /// What is not as it ought to be at a listener, in words for a person.
    package func problems(at listener: Int) -> [String] {
        reconciler.standing.filter { $0.listener == listener }.map(\.words)
    }

    /// Whether new flows may go astray at a listener.
    package func isHarmed(_ listener: Int) -> Bool {
        reconciler.standing.contains { $0.listener == listener && $0.isHarm }
    }

    private func tell(_ difference: Difference, _ turn: inout ServiceTurn) {
        var text = difference.words
        if let number = difference.listener {
            guard banks.listeners.indices.contains(number) else { return }
            text = "\(banks.listeners[number].address): \(text)"
        }
        if difference.isHarm, difference.repair == nil {
            turn.emit(.announce(.critical(text)))
        } else {
            turn.warn(text, difference.worker)
        }
    }

    // MARK: Success is what was looked at

    /// Nothing is looked at any more: who waits for that, or for the end of a handover, hears of the
    /// service's end.
    mutating func answerLeft(_ turn: inout ServiceTurn) {
        for id in requests.open {
            let reply = requests[id]?.awaitsLook.map(isNoMore) ?? .shuttingDown
            turn.emit(requests.finish(id, reply))
        }
    }

    private func isNoMore(_ generation: GenerationID) -> Reply {
        let reason = whyRolledBack(generation).map { ": \($0)" } ?? ""
        return .failed(
            "generation \(generation) became current and is no more\(reason)", output: [])
    }

    /// Why the generation before has taken over again; nil where it has not.
    private func whyRolledBack(_ generation: GenerationID) -> String? {
        let leaving = machine.handovers.last { $0.leaving == generation }?.outcome
        let left = machine.lastHandover.flatMap { $0.leaving == generation ? $0.outcome : nil }
        guard case .rolledBack(let reason) = leaving ?? left else { return nil }
        return reason
    }

    /// Answers those whose generation has become current, now that it is known what that came to.
    private mutating func answerChecked(_ turn: inout ServiceTurn) {
        let waiting = requests.awaitingLook
        guard !waiting.isEmpty else { return }
        var obstacles = reconciler.obstacles(in: expected)
        if machine.steeringAnswer == .refused, let reason = refusals.reason {
            obstacles.insert("new flows cannot be steered: \(reason)", at: 0)
        }
        for (id, generation) in waiting {
            var reply = Reply.done(generation, nil)
            if machine.generation(generation)?.phase != .current {
                reply = isNoMore(generation)
            } else if !obstacles.isEmpty {
                let fault =
                    "generation \(generation) is current, but \(obstacles.joined(separator: "; "))"
                explanations.mar(generation, fault)
                turn.emit(.announce(.note(.error, fault, nil)))
                reply = .failed(fault, output: [])
            }
            if machine.generation(generation)?.phase == .current {
                noteCheck(
                    of: generation, "new flows reach it",
                    fault: obstacles.isEmpty ? nil : obstacles.joined(separator: "; "), turn)
            }
            requests.wasLooked(id)
            if requests[id]?.awaitsEnd == true {
                guard let report = requests[id]?.report else { continue }
                reply = .done(report.arriving, summary(of: report))
            }
            turn.emit(requests.finish(id, reply))
        }
    }
}
