/// One of the descriptors that steering by eBPF consists of, by the name it is kept under.
package enum SteeringPart: String, Sendable, Hashable, CaseIterable {
    /// The program.
    case program
    /// The array from slots to sockets.
    case sockets
    /// The table of flows, a tiny one where none are remembered.
    case flows
    /// The program's global state: the current choice, the placements, the counters.
    case steering
}
