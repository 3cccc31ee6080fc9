/// Where a worker stands.
package struct WorkerState: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let starting = WorkerState(rawValue: "starting")
    package static let ready = WorkerState(rawValue: "ready")
    /// Dead, and started again when its back-off is over.
    package static let restarting = WorkerState(rawValue: "restarting")
    package static let stopping = WorkerState(rawValue: "stopping")
    package static let stopped = WorkerState(rawValue: "stopped")
    package static let failed = WorkerState(rawValue: "failed")
}
