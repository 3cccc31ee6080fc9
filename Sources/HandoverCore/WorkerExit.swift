/// How a worker's process ended.
package enum WorkerExit: Hashable, Codable, Sendable, CustomStringConvertible {
    case exited(status: Int32)
    case killed(signal: Int32)
    /// It is gone and how is not known: not our child, joined from elsewhere, say.
    case lost

    package var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .killed(let signal): "killed by signal \(signal)"
        case .lost: "is gone"
        }
    }
}
