import Adoption

/// A worker that the keeper has been asked for.
struct StartingWorker {
    let ends: WorkerEnds
    let told: WorkerEnvironment
    /// Signals that it is to have as soon as it is there.
    var signals: [Int32] = []
}
