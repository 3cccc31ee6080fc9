extension Steering {
    /// Pins a flow to a placed slot, whichever slot had it, as if it had been confirmed there just now.
    package func pin(_ flow: FlowTuple, to slot: Int) throws(SteeringError) -> PinResult {
        machine.forgetCount()
        return try machine.pin(flow, to: slot)
    }

    /// Ends a flow of that slot: its next datagram is a new flow's. One that is not pinned there is
    /// left alone.
    package func unpin(_ flow: FlowTuple, from slot: Int) -> PinResult {
        machine.forgetCount()
        return machine.unpin(flow, from: slot)
    }
}
