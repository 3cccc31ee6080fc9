/// A worker's state as `status` shows it.
package enum WorkerPhase: String, Hashable, Codable, Sendable {
    case starting, ready, restarting, stopping, stopped
}
