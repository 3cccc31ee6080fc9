/// How long each phase of a handover took, in seconds; nil for one that never was.
package struct HandoverTimes: Codable, Equatable, Sendable {
    /// From the request until all workers were started.
    package var start: Double?
    /// From there until all were ready.
    package var ready: Double?
    /// With a share of the new flows.
    package var canary: Double?
    /// The steering's own change.
    package var flip: Double?
    /// From the flip until no flow was left, or the deadline.
    package var drain: Double?
    /// From there until the old generation's last process was gone.
    package var retire: Double?

    package init(
        start: Double? = nil, ready: Double? = nil, canary: Double? = nil,
        flip: Double? = nil, drain: Double? = nil, retire: Double? = nil
    ) {
        self.start = start
        self.ready = ready
        self.canary = canary
        self.flip = flip
        self.drain = drain
        self.retire = retire
    }
}
