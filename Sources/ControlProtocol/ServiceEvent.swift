/// Something that happened, as `relevo events` prints it, one a line; absent fields are left out.
package struct ServiceEvent: Codable, Equatable, Sendable {
    /// RFC 3339, UTC, milliseconds; see `Timestamp`.
    package var time: String
    package var kind: ServiceEventKind
    /// The number of the handover that it belongs to, by which the history knows it.
    package var handover: Int?
    package var generation: Int?
    package var worker: Int?
    package var pid: Int?
    package var phase: HandoverPhase?
    /// Since the handover's request.
    package var seconds: Double?
    package var flowsLeft: Int?
    package var outsideLeft: OutsideStatus?
    package var message: String?
    /// How a watch has ended where the generation stays.
    package var watchEnd: WatchResult?
    package var report: HandoverSummary?
    /// How many events before this one were not sent: their follower did not read.
    package var missed: Int?

    package init(
        time: String, kind: ServiceEventKind, generation: Int? = nil, worker: Int? = nil,
        pid: Int? = nil, phase: HandoverPhase? = nil, seconds: Double? = nil,
        flowsLeft: Int? = nil, message: String? = nil, report: HandoverSummary? = nil
    ) {
        self.time = time
        self.kind = kind
        self.generation = generation
        self.worker = worker
        self.pid = pid
        self.phase = phase
        self.seconds = seconds
        self.flowsLeft = flowsLeft
        self.message = message
        self.report = report
    }
}
