extension Machine {
    /// A worker of the current generation died. Its pinned flows wait in its queue, new flows go to its
    /// siblings, and it is started again, unless the generation crashes too much.
    mutating func restartLater(
        _ place: Int, _ current: Current, _ dead: Worker, _ turn: inout Turn
    ) {
        var current = current
        if turn.now - current.since <= policy.crashWindow {
            current.crashes += 1
            generations[place].state = .current(current)
            if let old = crashRefuge(from: place, current) {
                let reason =
                    "generation \(generations[place].id) crashed \(current.crashes) times within"
                    + " \(policy.crashWindow) of the flip"
                flipBack(place, to: old, reason, .crashLoop, &turn)
                return
            }
        }
        let deaths = dead.served(policy.restartReset, at: turn.now) ? 1 : dead.deaths + 1
        let until = turn.now + policy.restartDelay(deaths)
        generations[place].workers[dead.index].deaths = deaths
        generations[place].workers[dead.index].state = .backingOff(until: until)
        turn.note(generations[place], .workerRestarts(dead.index, at: until))
        steer(&turn)
    }

    /// The generation to go back to by itself: the very one that this one took over from, whole.
    private func crashRefuge(from place: Int, _ current: Current) -> Int? {
        guard current.origin == .upgrade, current.crashes >= policy.crashLimit else { return nil }
        let id = generations[place].id
        return generations.firstIndex { old in
            switch old.state {
            case .draining(let draining):
                draining.errand.handover?.arriving == id && old.isWhole
            case .preparing, .starting, .current, .retiring, .failing, .yielding, .lending,
                .stopped, .failed:
                false
            }
        }
    }
}
