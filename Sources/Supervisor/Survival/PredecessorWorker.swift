import HandoverCore
import Keeper

/// A worker that a predecessor has started, as it is found.
struct PredecessorWorker {
    let id: WorkerID
    let pid: Int32
    /// nil when it has ended: the keeper tells how.
    let process: KeptProcess?
    /// Whether the keeper is its parent and tells its end.
    let isKeepers: Bool

    init(_ id: WorkerID, pid: Int32, process: KeptProcess?, isKeepers: Bool) {
        self.id = id
        self.pid = pid
        self.process = process
        self.isKeepers = isKeepers
    }
}
