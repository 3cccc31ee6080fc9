/// The handover under way.
package struct HandoverStatus: Codable, Equatable, Sendable {
    package var from: Int?
    package var to: Int
    package var phase: HandoverPhase
    /// Since the request.
    package var seconds: Double
    /// How its watch has ended; nil where it has none, and until then.
    package var watchEnd: WatchResult?
    /// True where there is to be no flip.
    package var isDryRun: Bool?

    package init(
        from: Int?, to: Int, phase: HandoverPhase, seconds: Double, watchEnd: WatchResult? = nil,
        isDryRun: Bool? = nil
    ) {
        self.from = from
        self.to = to
        self.phase = phase
        self.seconds = seconds
        self.watchEnd = watchEnd
        self.isDryRun = isDryRun
    }
}
