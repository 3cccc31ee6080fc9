package import Kernel

extension Steering {
    /// Has our program steer the group of a placed socket, whatever steered it before: atomic, and
    /// without effect where nothing has changed.
    ///
    /// Anybody who has a member may attach a program of its own, or detach ours, at any time. One call
    /// is enough for a group; asked of each socket it tells which ones are in a group still.
    package func reattach(
        to socket: borrowing some DescriptorHolder & ~Copyable
    ) throws(SteeringError) -> GroupMembership {
        try machine.reattach(to: socket)
    }

    /// Puts another socket of the group into a slot: what is pinned there goes to the new one from
    /// here on.
    ///
    /// The program finds the old socket or the new one, never none. The classic machine knows sockets by
    /// the kernel's order: there the old one must have left the group, told by `lostMember`, before
    /// the new one was bound.
    package func replace(
        _ socket: borrowing some DescriptorHolder & ~Copyable, at slot: Int
    ) throws(SteeringError) {
        try machine.replace(socket, at: slot)
    }

    /// Takes note that a slot's socket is no member of its group any more.
    ///
    /// The kernel has moved the group's last member to its place, which the classic machine follows.
    package func lostMember(_ slot: Int) throws(SteeringError) {
        try machine.lostMember(slot)
    }
}
