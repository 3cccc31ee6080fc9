package import Kernel

extension Steering {
    /// Whether it hands over what nobody is known to own, so that each that may own it gets a copy.
    package var copies: Bool { setup.mode.hasIDs && setup.unknownIDs == .copy }

    /// The socket, of the group, at which it is handed over from here on.
    package func place(
        copier socket: borrowing some DescriptorHolder & ~Copyable
    ) throws(SteeringError) {
        try machine.placeCopier(socket)
    }

    /// Nothing is handed over any more.
    package func endCopies() { machine.endCopies() }

    /// How many sessions go on of which only copies tell: they hold every drain up that one of them may be of.
    package func hold(copied sessions: Int) { machine.holdCopied(sessions) }

    /// One mark for each worker that may know a datagram's session.
    package func marks(for flow: FlowTuple) -> [CopyMark] { machine.marks(for: flow) }
}

extension SteeringMachine {
    // What remembers no ids hands nothing over.
    func placeCopier<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket
    ) throws(SteeringError) {}

    func endCopies() {}

    func holdCopied(_ sessions: Int) {}

    func marks(for flow: FlowTuple) -> [CopyMark] { [] }
}
