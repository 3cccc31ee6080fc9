/// Why the keeper is not at hand, or did not do what it was asked.
package enum KeeperError: Error, Equatable, CustomStringConvertible {
    /// There is none, or it could not be reached or started.
    case unreachable(String)
    /// It serves another supervisor, or its service is ending.
    case refused(String)
    /// It is gone.
    case lost
    /// It has not answered in time.
    case silent
    /// It could not start a worker.
    case failed(String)

    package var description: String {
        switch self {
        case .unreachable(let why): "the keeper cannot be reached: \(why)"
        case .refused(let why): "the keeper refuses: \(why)"
        case .lost: "the keeper has died"
        case .silent: "the keeper does not answer"
        case .failed(let why): why
        }
    }
}
