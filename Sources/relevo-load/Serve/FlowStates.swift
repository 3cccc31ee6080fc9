/// A server's memory of its flows, gone with its process.
struct FlowStates {
    private struct State {
        var run: UInt64
        var flow: UInt64
        var count: UInt64
    }

    private var states: [FlowKey: State] = [:]

    /// Counts one datagram and says how many this flow has had; a flow with another number, or of
    /// another run, has only the address in common.
    mutating func count(_ request: Request, of key: FlowKey) -> UInt64 {
        let fresh = State(run: request.run, flow: request.flow, count: 0)
        return Self.count(request, in: &states[key, default: fresh])
    }

    private static func count(_ request: Request, in state: inout State) -> UInt64 {
        if state.flow != request.flow || state.run != request.run {
            state = State(run: request.run, flow: request.flow, count: 0)
        }
        state.count += 1
        return state.count
    }
}
