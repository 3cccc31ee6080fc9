extension ClassicMachine {
    /// Nothing is remembered; which of the slots it is the program tells by a hash that it has made.
    func explain(_ datagram: ExplainedDatagram, _ setup: SteeringSetup) -> Decision {
        var decision = Decision(rule: .stateless)
        decision.candidates = (chosen ?? []).sorted()
        if decision.candidates.count == 1 { decision.slot = decision.candidates.first }
        decision.counts.datagrams = 1
        return decision
    }
}
