extension Machine {
    /// All workers of a starting generation are ready: from here on it is current.
    mutating func flip(_ place: Int, _ starting: Starting, _ turn: inout Turn) {
        turn.note(generations[place], .ready)
        var purpose = starting.purpose
        purpose.change { $0.end(\.ready, at: turn.now) }
        let id = generations[place].id
        switch purpose {
        case .first, .revival:
            generations[place].state = .current(Current(origin: .first, since: turn.now))
            steer(&turn)
            turn.note(id, nil, .flipped(from: nil))
        case .upgrade(let handover): takeOver(place, handover, &turn)
        case .successor(let handover, _):
            generations[place].state = .current(Current(origin: .succession, since: turn.now))
            steer(&turn)
            turn.note(id, handover.request, .flipped(from: handover.from))
            turn.answer(handover.request, .current(id))
            report(handover, cutFlows: 0, &turn)
        }
    }

    /// The one store, and the drain of the generation that was current.
    private mutating func takeOver(_ place: Int, _ handover: Handover, _ turn: inout Turn) {
        guard let old = currentPosition else { return }
        var handover = handover
        // A rollback meanwhile may have made another one current than the one asked of.
        handover.from = generations[old].id
        generations[place].previous = generations[old].launch
        generations[place].state = .current(Current(origin: .upgrade, since: turn.now))
        drain(old, .handover(handover), turn)
        steer(&turn)
        turn.note(generations[place].id, handover.request, .flipped(from: handover.from))
        announceDrain(old, revivingDead: true, &turn)
        turn.answer(handover.request, .current(generations[place].id))
    }
}
