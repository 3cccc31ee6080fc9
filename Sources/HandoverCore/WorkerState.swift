/// Where a worker's process stands.
package enum WorkerState: Hashable, Codable, Sendable {
    /// Its bank is not there yet.
    case waiting
    /// Its process is asked for.
    case spawning(Limit)
    /// Its process runs and is not ready yet.
    case starting(Limit)
    /// It serves; `drained` once it said that it has no session left.
    case ready(since: Instant, drained: Bool)
    /// It died and will be started again.
    case backingOff(until: Instant)
    /// It was sent the stop signal and will be sent KILL.
    case stopping(Limit)
    case killed
    /// It has no process and will have none.
    case gone
}
