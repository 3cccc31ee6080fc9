/// What a supervisor itself takes of the machine.
package struct SupervisorStatus: Codable, Equatable, Sendable {
    /// Processor time, that of its workers not included.
    package var cpuSeconds: Double
    package var residentBytes: Int
    package var descriptors: Int
    /// How many descriptors it may have; nil where there is no limit.
    package var descriptorLimit: Int?
    /// Who has what it and the workers print: `journal`, or the path of a file; nil where nobody keeps it.
    package var log: String?

    package init(
        cpuSeconds: Double, residentBytes: Int, descriptors: Int, descriptorLimit: Int?,
        log: String? = nil
    ) {
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.descriptors = descriptors
        self.descriptorLimit = descriptorLimit
        self.log = log
    }
}

/// A table of flows, which listeners that want the same of it share.
package struct TableStatus: Codable, Equatable, Sendable {
    /// Live flows in it.
    package var flows: Int
    /// As many fit without the loss of one.
    package var capacity: Int
    /// Memory of the kernel, for all that fit.
    package var bytes: Int
    /// The addresses of its listeners.
    package var listeners: [String]

    package init(flows: Int, capacity: Int, bytes: Int, listeners: [String]) {
        self.flows = flows
        self.capacity = capacity
        self.bytes = bytes
        self.listeners = listeners
    }
}
