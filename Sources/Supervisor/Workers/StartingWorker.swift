/// A worker that the keeper has been asked for.
struct StartingWorker {
    let ends: WorkerEnds
    /// As in `Worker`, its own number apart.
    let environment: [String]
    /// Signals that it is to have as soon as it is there.
    var signals: [Int32] = []
}
