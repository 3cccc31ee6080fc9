/// What a worker hears from its supervisor without having asked.
enum CoreEvent {
    /// New flows go to another generation; `deadline` in nanoseconds of CLOCK_MONOTONIC.
    case drain(deadline: UInt64?)
    /// The drain is off.
    case resume
    /// The worker is to end now and will be killed at the deadline.
    case stop(deadline: UInt64)
    case link(LinkOffer)
    /// Something that this worker said had no effect.
    case refused(Refusal, reason: [UInt8])
    /// The service is over for this worker: nobody will ever answer.
    case ended

    /// Whether it says where the worker stands, which the next one of these says anew.
    var isStand: Bool {
        switch self {
        case .drain, .resume, .stop, .ended: true
        case .link, .refused: false
        }
    }
}
