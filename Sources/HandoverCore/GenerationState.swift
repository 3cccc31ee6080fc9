/// Where a generation stands on its way, with what belongs to that place.
package enum GenerationState: Hashable, Codable, Sendable {
    /// Its bank is asked for.
    case preparing(Preparing)
    /// Its workers are started and not all of them are ready.
    case starting(Starting)
    /// New flows go to it.
    case current(Current)
    /// It keeps its flows and gets no new ones, except while the service ends.
    case draining(Draining)
    /// Its queues are emptied, then its workers stopped, then its bank freed.
    case retiring(Retiring)
    /// It will not be current; its workers are being stopped.
    case failing(Failing)
    /// It makes room for a generation that may not run beside it.
    case yielding(Yielding)
    /// It has no process left, and its bank waits to be inherited.
    case lending(Lending)
    case stopped
    case failed(reason: String)
}
