package import Kernel

extension Steering {
    /// Whether slots are known by their place in the group alone: then a socket, once bound, stays
    /// until the listener ends, and its slot is used again.
    package var keepsBindOrder: Bool { machine is ClassicMachine }

    /// Whether the kernel finds a placed socket, which nobody reads yet, where the steering looks for it. It does
    /// not where a socket of somebody else has joined the group before, which matters only where sockets
    /// are known by their order.
    ///
    /// - Parameter address: where a datagram of this machine reaches the group.
    package func finds(
        _ slot: Int, _ socket: borrowing DatagramSocket, at address: SocketAddress
    ) throws(SteeringError) -> Bool {
        guard let machine = machine as? ClassicMachine else { return true }
        return try machine.finds(slot, socket, at: address)
    }
}
