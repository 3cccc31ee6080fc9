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
    package static let warning = ServiceEventKind(rawValue: "warning")
    package static let stopping = ServiceEventKind(rawValue: "stopping")
}
