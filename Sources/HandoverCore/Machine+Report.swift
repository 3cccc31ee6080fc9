extension Machine {
    mutating func report(_ handover: Handover, cutFlows: Int, _ turn: inout Turn) {
        let report = handover.report(cutFlows: cutFlows)
        lastHandover = report
        turn.emit(.handoverEnded(report))
    }

    /// Books lost datagrams on the handover that the generation leaves by, be it over already.
    mutating func dropsCounted(_ id: GenerationID, _ drops: Int) {
        if !changeHandovers(where: { $0.leaving == id }, { $0.drops += drops }),
            lastHandover?.leaving == id
        {
            lastHandover?.drops += drops
        }
    }

    /// Books the time of the store on the handover that the generation became current by.
    mutating func flipMeasured(_ id: GenerationID, _ time: Duration) {
        if !changeHandovers(where: { $0.arriving == id }, { $0.phases.flip = time }),
            lastHandover?.arriving == id
        {
            lastHandover?.phases.flip = time
        }
    }

    /// Changes the handovers under way that fit; false if none does.
    private mutating func changeHandovers(
        where fits: (Handover) -> Bool, _ change: (inout Handover) -> Void
    ) -> Bool {
        var found = false
        for place in generations.indices {
            guard let handover = generations[place].handover, fits(handover) else { continue }
            found = true
            generations[place].state.changeHandover(change)
        }
        return found
    }
}
