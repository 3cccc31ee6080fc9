/// A handover that is over.
package struct HandoverSummary: Codable, Equatable, Sendable {
    package var from: Int?
    package var to: Int
    package var result: HandoverResult
    /// Why it failed or was undone; nil if it completed.
    package var reason: String?
    package var phases: HandoverTimes
    /// Live flows that the drain deadline took from their process.
    package var cutFlows: Int
    /// What else it cut; nil where the supervisor is older.
    package var cutOutside: OutsideStatus?
    /// Datagrams that the kernel dropped meanwhile.
    package var drops: Int
    /// True where there was to be no flip.
    package var isDryRun: Bool?
    /// How its watch ended; nil where it had none, and where it was rolled back.
    package var watchEnd: WatchResult?

    package init(
        from: Int?, to: Int, result: HandoverResult, reason: String? = nil,
        phases: HandoverTimes, cutFlows: Int = 0,
        cutOutside: OutsideStatus? = OutsideStatus(), drops: Int = 0, isDryRun: Bool? = nil,
        watchEnd: WatchResult? = nil
    ) {
        self.from = from
        self.to = to
        self.result = result
        self.reason = reason
        self.phases = phases
        self.cutFlows = cutFlows
        self.cutOutside = cutOutside
        self.drops = drops
        self.isDryRun = isDryRun
        self.watchEnd = watchEnd
    }
}
