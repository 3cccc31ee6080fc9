/// The rule that picks the slot for a datagram.
package enum SteeringMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// A flow keeps the slot that its first datagram was given.
    case flow
    /// Nothing is remembered: every datagram after a flip goes to the new bank.
    case stateless
}

/// The transport of a listener, which decides how its reuseport group is formed.
package enum SteeringTransport: String, Codable, Sendable, Hashable, CaseIterable {
    case udp
    case tcp
}

/// What one listener wants of its steering.
package struct SteeringSetup: Codable, Sendable, Equatable {
    /// Where the program of the steering may run.
    package enum Machine: String, Codable, Sendable, Equatable {
        /// eBPF where it loads; else classic BPF, if the mode can do with it.
        case best
        /// Classic BPF alone, which needs no privilege and remembers nothing.
        case classic
    }

    package var mode: SteeringMode
    package var transport: SteeringTransport
    /// As many live flows fit without the loss of one.
    package var maxFlows: Int
    /// A flow unseen that long has ended.
    package var idleTimeout: Duration
    /// Slots are numbered from 0 up to this, 512 at most.
    package var slotCapacity: Int
    package var machine: Machine

    package init(
        mode: SteeringMode, transport: SteeringTransport, maxFlows: Int = 1_048_576,
        idleTimeout: Duration = .seconds(60), slotCapacity: Int = 512, machine: Machine = .best
    ) {
        self.mode = mode
        self.transport = transport
        self.maxFlows = maxFlows
        self.idleTimeout = idleTimeout
        self.slotCapacity = slotCapacity
        self.machine = machine
    }
}
