/// One generation and its workers.
package struct GenerationStatus: Codable, Equatable, Sendable {
    package var id: Int
    package var state: GenerationState
    package var command: [String]
    /// Live flows pinned to it, as last counted.
    package var flows: Int
    /// What else it has, as last counted; nil unless it drains.
    package var outside: OutsideStatus?
    package var workers: [WorkerStatus]
    /// Seconds until its drain is cut short; nil unless it drains towards a deadline.
    package var drainSecondsLeft: Double?
    /// Seconds until its drain is likely to end by itself; nil where nothing tells.
    package var drainSecondsLikely: Double?
    package var origin: OriginStatus?
    /// Which file it runs; nil for workers that others start, and where it was not found.
    package var program: ProgramStatus?
    /// How it is tried out; nil unless it is.
    package var canary: CanaryStatus?
    /// How it is watched after its flip; nil unless it is.
    package var watch: WatchStatus?

    package init(
        id: Int, state: GenerationState, command: [String], flows: Int,
        outside: OutsideStatus? = nil, workers: [WorkerStatus],
        drainSecondsLeft: Double? = nil, drainSecondsLikely: Double? = nil,
        origin: OriginStatus? = nil,
        program: ProgramStatus? = nil, canary: CanaryStatus? = nil, watch: WatchStatus? = nil
    ) {
        self.id = id
        self.state = state
        self.command = command
        self.flows = flows
        self.outside = outside
        self.workers = workers
        self.drainSecondsLeft = drainSecondsLeft
        self.drainSecondsLikely = drainSecondsLikely
        self.origin = origin
        self.program = program
        self.canary = canary
        self.watch = watch
    }
}
