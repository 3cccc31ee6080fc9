/// One of the descriptors that steering by eBPF consists of, by the name it is kept under.
package enum SteeringPart: String, Sendable, Hashable, CaseIterable {
    /// The program.
    case program
    /// The array from slots to sockets.
    case sockets
    /// The table of flows, a tiny one where none are remembered; listeners may share it.
    case flows
    /// The program's own state: the current choice, the counters.
    case steering
    /// What all programs of a table read beside it: the placements, the units of time.
    case table
    /// What is known of the ids of sessions; only where they have such.
    case ids
    /// How busy each slot is; only where new flows are placed by load.
    case loads
    /// What is told of flows' peers while somebody looks; only where flows are remembered, and not where a supervisor
    /// loaded the program that knew of none.
    case peers
}
