import SteeringABI

extension ProgramMachine {
    func pin(_ flow: FlowTuple, to slot: Int) throws(SteeringError) -> PinResult {
        guard let table else { return .unsupported }
        // A slot that new flows have never been steered to has no placement yet.
        let placement = try placement(of: slot)
        let hash = FlowHash(of: flow, key: state.key)
        if editor(of: table).pin(hash, to: placement) { return .done }
        // As the program does when it finds no room.
        let region = state.region
        guard region.bits < state.fullBits else { return .full }
        let grown = TableRegion(
            bits: state.fullBits, leaving: Array(([region.bits] + region.leaving).prefix(2)))
        _ = state.changeRegion(from: region, to: grown)
        return editor(of: table).pin(hash, to: placement) ? .done : .full
    }

    func unpin(_ flow: FlowTuple, from slot: Int) -> PinResult {
        guard let table else { return .unsupported }
        guard let placement = openPlacement(of: slot) else { return .done }
        editor(of: table).end(FlowHash(of: flow, key: state.key), of: placement)
        return .done
    }

    private func editor(of table: FlowTable) -> FlowEditor {
        var isOpen = [Bool](repeating: false, count: Int(RELEVO_PLACEMENTS))
        for number in openPlacements { isOpen[number] = true }
        return FlowEditor(
            table: table, region: state.region, now: now(), ticks: ticks, sweep: sweeps,
            isOpen: isOpen)
    }
}
