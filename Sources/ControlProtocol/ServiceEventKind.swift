/// What a service event is about.
package struct ServiceEventKind: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let workerStarted = ServiceEventKind(rawValue: "workerStarted")
    package static let workerReady = ServiceEventKind(rawValue: "workerReady")
    package static let workerFailed = ServiceEventKind(rawValue: "workerFailed")
    package static let workerExited = ServiceEventKind(rawValue: "workerExited")
    package static let handoverStarted = ServiceEventKind(rawValue: "handoverStarted")
    /// A phase of a handover is over; `phase` says which.
    package static let phase = ServiceEventKind(rawValue: "phase")
    package static let handoverEnded = ServiceEventKind(rawValue: "handoverEnded")
    /// A generation has ended: no process and no socket of it is left.
    package static let generationStopped = ServiceEventKind(rawValue: "generationStopped")
    /// The first event of every follower.
    package static let following = ServiceEventKind(rawValue: "following")
    package static let warning = ServiceEventKind(rawValue: "warning")
    package static let stopping = ServiceEventKind(rawValue: "stopping")
    /// The last event of all.
    package static let stopped = ServiceEventKind(rawValue: "stopped")
}
