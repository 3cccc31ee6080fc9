/// When each phase of a handover was over, in seconds since the request; nil if never.
package struct HandoverTimes: Codable, Equatable, Sendable {
    /// All workers started.
    package var start: Double?
    package var ready: Double?
    /// New flows go to the new generation.
    package var flip: Double?
    package var drain: Double?
    /// The old generation's last process is gone.
    package var retire: Double?

    package init(
        start: Double? = nil, ready: Double? = nil, flip: Double? = nil, drain: Double? = nil,
        retire: Double? = nil
    ) {
        self.start = start
        self.ready = ready
        self.flip = flip
        self.drain = drain
        self.retire = retire
    }
}
