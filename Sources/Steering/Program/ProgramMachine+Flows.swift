import SteeringABI

extension ProgramMachine {
    func pin(_ flow: FlowTuple, to slot: Int) throws(SteeringError) -> PinResult {
        guard remembersFlows else { return .unsupported }
        // A slot that new flows have never been steered to has no placement yet.
        let placement = try placement(of: slot)
        let hash = FlowHash(of: flow, at: member, key: table.state.key)
        guard let first = editor() else { return .unsupported }
        if first.pin(hash, to: placement) { return .done }
        // As the program does when it finds no room.
        let region = table.state.region
        guard region.bits < table.state.fullBits else { return .full }
        let grown = TableRegion(
            bits: table.state.fullBits,
            leaving: Array(([region.bits] + region.leaving).prefix(2)))
        _ = table.state.changeRegion(from: region, to: grown)
        return editor()?.pin(hash, to: placement) == true ? .done : .full
    }

    func unpin(_ flow: FlowTuple, from slot: Int) -> PinResult {
        guard let placement = table.number(at: seat(slot)) else {
            return remembersFlows ? .done : .unsupported
        }
        guard let editor = editor() else { return .unsupported }
        editor.end(FlowHash(of: flow, at: member, key: table.state.key), of: placement)
        return .done
    }

    /// Keeps the entries by which ids tell their worker alive, as long as their slots have their stays.
    func renewOwners(_ owners: [Int: Int]) {
        guard !owners.isEmpty, let ids, let editor = editor() else { return }
        for (slot, placement) in owners {
            let hash = FlowHash(
                ofOwner: ids.cookieWord(of: slot), at: member, key: table.state.key)
            _ = editor.pin(hash, to: placement | Int(RELEVO_ALIAS), renewing: true)
        }
    }

    /// nil where there is no table, or no memory to look at it.
    private func editor() -> FlowEditor? {
        guard let flows = table.flows else { return nil }
        let region = table.state.region
        guard (try? flows.reach(region.buckets)) != nil else { return nil }
        return FlowEditor(
            table: flows, region: region, now: table.now(), ticks: table.ticks,
            sweep: table.sweeps, isOpen: table.isOpen)
    }
}
