import Adoption

/// A worker that the keeper has been asked for.
struct StartingWorker {
    let ends: WorkerEnds
    let told: WorkerEnvironment
    /// The numbers at which it is given its sockets, by their inodes.
    let given: [UInt64: Int32]
}
