import CBPF
package import Kernel

/// A program that steering is measured against, attached to a group of its own.
package final class ComparisonProgram {
    /// Which program of comparison.bpf.c.
    package enum Kind: String, Sendable, CaseIterable {
        /// Does nothing: what it costs to be asked.
        case empty
        /// The usual way: an LRU hash map from the 4-tuple to the slot.
        case lru
    }

    private let loaded: LoadedProgram

    /// Loads it with room for that many flows.
    package init(_ kind: Kind, flows: Int, slots: Int) throws(SteeringError) {
        do {
            loaded = try LoadedProgram(
                .comparison, function: kind.rawValue, slots: slots,
                buckets: kind == .lru ? flows : 1)
            try ProgramState(of: loaded.state).makeCurrent(choice: 0, count: slots)
        } catch {
            throw SteeringError("\(kind) program: \(error)")
        }
    }

    /// Makes the group of `socket` steered by it.
    package func attach(
        to socket: borrowing some ReuseportMember & ~Copyable
    ) throws(KernelError) {
        try socket.attachSteering(program: loaded.program)
    }

    /// Gives a bound socket of the group a slot.
    package func place(
        _ socket: borrowing some DescriptorHolder & ~Copyable, at slot: Int
    ) throws(KernelError) {
        try loaded.place(socket, at: slot)
    }

    /// What the kernel counted of it.
    package func statistics() throws(KernelError) -> ProgramStatistics {
        try ProgramStatistics(of: loaded.program)
    }
}
