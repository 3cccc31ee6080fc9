extension Steering {
    /// Whether slots are known by their place in the group alone: then a socket, once bound, stays
    /// until the listener ends, and its slot is used again.
    package var keepsBindOrder: Bool { machine is ClassicMachine }
}
