/// Where a worker stands.
package struct WorkerStateName: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let starting = WorkerStateName(rawValue: "starting")
    package static let ready = WorkerStateName(rawValue: "ready")
    /// Dead, and started again when its back-off is over.
    package static let restarting = WorkerStateName(rawValue: "restarting")
    package static let stopping = WorkerStateName(rawValue: "stopping")
    package static let stopped = WorkerStateName(rawValue: "stopped")
    package static let failed = WorkerStateName(rawValue: "failed")
}
