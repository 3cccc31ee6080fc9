/// The handover under way.
package struct HandoverStatus: Codable, Equatable, Sendable {
    package var from: Int?
    package var to: Int
    package var phase: HandoverPhase
    /// Since the request.
    package var seconds: Double

    package init(from: Int?, to: Int, phase: HandoverPhase, seconds: Double) {
        self.from = from
        self.to = to
        self.phase = phase
        self.seconds = seconds
    }
}
