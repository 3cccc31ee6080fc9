import HandoverCore

/// Where flows go: what is asked of the kernel, and what it answers.
extension Service {
    /// The flip, and every change of the slots that new flows go to.
    mutating func steer(
        _ generation: GenerationID, _ indexes: [Int], _ canary: TrialTarget?,
        _ turn: inout ServiceTurn
    ) {
        guard let choices = choices(generation, indexes) else { return }
        for (number, choice) in choices.enumerated()
        where choice == nil && !isUnasked(number, of: generation) {
            let address = banks.listeners[number].address
            turn.emit(.announce(.critical("\(address): there is no socket for new flows")))
        }
        order(.steer(generation, choices, canary.flatMap { slots(of: $0, beside: choices) }), &turn)
        leaveBehind(choices, generation, &turn)
    }

    /// Has those flows move on that came to workers which end or are gone, for want of anybody else at an
    /// address that the current generation is not asked to serve.
    private mutating func leaveBehind(
        _ choices: [[Int]?], _ current: GenerationID, _ turn: inout ServiceTurn
    ) {
        let listeners = choices.indices.filter {
            isUnasked($0, of: current) && choices[$0] != nil
        }
        if listeners.isEmpty { return }
        var left: [Slot] = []
        for generation in machine.generations
        where [.draining, .retiring].contains(generation.phase) && !generation.passesBankOn
            && generation.handover != nil
        {
            for (index, slots) in (banks[generation.id]?.slots ?? []).enumerated()
            where generation.phase == .retiring || !workers.isAlive(WorkerID(generation.id, index))
            {
                left += listeners.flatMap { slots[$0] }
            }
        }
        resteer(left.filter { choices[$0.id.listener]?.contains($0.id.number) == false }, &turn)
    }

    /// Looks again at which slots may get new flows, a socket having been taken late.
    mutating func refreshSteering(_ turn: inout ServiceTurn) {
        guard let target = machine.steering else { return }
        steer(target.generation, target.workers, target.canary, &turn)
    }

    /// The slots that a canary's share goes to; nil where it has none yet.
    ///
    /// - Parameter choices: the slots of all other flows: where there are none, a share is none either.
    func slots(of canary: TrialTarget, beside choices: [[Int]?]) -> CanarySlots? {
        guard let found = banks.choices(canary.generation, workers: canary.workers) else {
            return nil
        }
        let slots = zip(found, choices).map { $1 == nil ? nil : $0 }
        guard slots.contains(where: { $0 != nil }) else { return nil }
        return CanarySlots(clients: canary.clients, key: canary.key, slots: slots)
    }

    /// The slots that new flows are to go to, by listener; nil where there is none.
    ///
    /// What this generation's server has not bound, and what it is not asked to serve, is served by those that
    /// drain, until they end: the newest of them that has workers there.
    func choices(_ generation: GenerationID, _ indexes: [Int]) -> [[Int]?]? {
        guard var choices = banks.choices(generation, workers: indexes) else { return nil }
        let missing = choices.indices.filter {
            choices[$0] == nil && isUnasked($0, of: generation)
        }
        guard !missing.isEmpty else { return choices }
        for other in machine.generations.reversed() where other.phase == .draining {
            let others = banks.choices(other.id, workers: other.readyIndexes)
            for listener in missing where choices[listener] == nil {
                choices[listener] = others?[listener]
            }
        }
        return choices
    }

    /// A worker that drains is gone, and its flows go elsewhere.
    mutating func abandon(_ id: WorkerID, _ turn: inout ServiceTurn) {
        let slots = banks.slots(of: id).flatMap { $0 }
        moveOn(slots, &turn)
        guard let target = machine.steering,
            let choices = choices(target.generation, target.workers)
        else { return }
        for listener in Set(slots.map(\.id.listener)).sorted() where choices[listener] == nil {
            turn.warn(
                "\(banks.listeners[listener].address): worker \(id) was the last to serve there: what comes is "
                    + "lost until a version binds it again", id)
        }
    }

    /// Has the flows of workers that end move on.
    mutating func moveOn(_ slots: [Slot], _ turn: inout ServiceTurn) {
        // Not back to where they served beside others what the current generation has not bound.
        if let current = machine.steering?.generation,
            slots.contains(where: { isUnasked($0.id.listener, of: current) })
        {
            refreshSteering(&turn)
        }
        resteer(slots, &turn)
    }

    /// Has the flows move on that are pinned to these slots.
    mutating func resteer(_ slots: [Slot], _ turn: inout ServiceTurn) {
        if !slots.isEmpty { order(.resteer(slots.map(\.id)), &turn) }
    }

    /// Whether slots were chosen that the kernel was not told of yet.
    func isBeingSteered(to generation: GenerationID? = nil) -> Bool {
        duties.contains { duty in
            guard case .steer(let target, _, _) = duty else { return false }
            return generation == nil || target == generation
        }
    }

    // MARK: The answers

    mutating func steered(
        _ generation: GenerationID, _ time: Duration, _ turn: inout ServiceTurn
    ) {
        // Where a later choice is on its way, this one is not what counts.
        guard !isBeingSteered() else { return }
        refusals.steered()
        guard flipped != generation || machine.steeringAnswer != .accepted else { return }
        flipped = generation
        accepted(generation, time, &turn)
    }

    /// Nobody leaves before all is known that was asked with a choice.
    mutating func accepted(
        _ generation: GenerationID, _ time: Duration, _ turn: inout ServiceTurn
    ) {
        if !refusals.holdBack(generation, time) { turn.submit(.steered(generation, time)) }
    }

    /// It is known whether some flows have moved on.
    mutating func moved(_ turn: inout ServiceTurn) {
        if let held = refusals.moved() {
            turn.submit(.steered(held.generation, held.time))
        }
    }

    mutating func steeringFailed(
        _ generation: GenerationID, _ fault: PortFault, _ turn: inout ServiceTurn
    ) {
        if refusals.steering("\(fault)", at: turn.now) {
            turn.emit(.announce(.critical("new flows cannot be steered: \(fault)")))
        }
        if !isBeingSteered() {
            turn.submit(.steeringFailed(generation, reason: fault.description))
        }
    }

    mutating func resteeringFailed(
        _ slots: [SlotID], _ fault: PortFault, _ turn: inout ServiceTurn
    ) {
        turn.emit(.announce(.critical("flows cannot be moved on: \(fault)")))
        for slot in slots {
            guard let worker = banks.worker(of: slot) else { continue }
            refusals.resteering(slot, of: worker.generation, at: turn.now)
        }
        for generation in Set(slots.compactMap { banks.worker(of: $0)?.generation }).sorted() {
            turn.submit(.resteeringFailed(generation, reason: fault.description))
        }
        moved(&turn)
    }

    /// Asks again for what the kernel has refused.
    mutating func steerAgainIfDue(_ turn: inout ServiceTurn) {
        guard let refused = refusals.takeDue(at: turn.now) else { return }
        refreshSteering(&turn)
        // A worker that serves again keeps its flows, and so does one that has the slot now.
        let slots = refused.filter { slot, generation in
            banks.worker(of: slot)?.generation == generation && machine.current != generation
        }
        if !slots.isEmpty { order(.resteer(slots.keys.sorted()), &turn) }
    }
}
