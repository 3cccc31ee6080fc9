/// How long each part of a handover took, zero where it was not reached.
package struct HandoverPhases: Hashable, Codable, Sendable {
    /// From the request to the last process running.
    package var start: Duration = .zero
    /// From there to the last worker ready.
    package var ready: Duration = .zero
    /// The store itself, as the shell measured it.
    package var flip: Duration = .zero
    package var drain: Duration = .zero
    /// From the end of the drain to the bank freed; where generations may not overlap, from the request
    /// to the old generation's last exit.
    package var retire: Duration = .zero

    package init() {}
}
