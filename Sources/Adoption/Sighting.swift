/// What a look at a worker says of one of its sockets.
package enum Sighting: Equatable, Sendable {
    /// Some thread of the worker, or of a process it started, waits on it.
    case taken(WaitKind)
    /// Nobody was seen to wait on it: not yet, or the worker ignores it.
    case notSeen
    /// It cannot be told, for a reason that will not go away by waiting.
    case cannotObserve(String)
}
