internal import CRelevoClient

/// What a worker hears from its supervisor.
public enum WorkerEvent: Sendable {
    /// New flows go to another generation from now on. Serve the sessions there are to their
    /// end, then say `drained()`. `left` is how long the drain may take; nil is for ever. Comes
    /// again when the deadline has changed.
    case drain(left: Duration?)
    /// The drain is off, and new flows may come again.
    case resume
    /// End now: the process is killed after so long.
    case stop(left: Duration)
    /// A link, asked for here or by the other end.
    case link(OfferedLink)
    /// Something that this worker said had no effect; the text is for people.
    case refused(Refusal, reason: String)
    /// The service is over for this worker: nobody will answer any more. End, unless the program
    /// can serve by itself.
    case ended

    init(_ event: CoreEvent) {
        switch event {
        case .drain(let deadline): self = .drain(left: deadline.map { Self.left(until: $0) })
        case .resume: self = .resume
        case .stop(let deadline): self = .stop(left: Self.left(until: deadline))
        case .link(let offer): self = .link(OfferedLink(offer))
        case .refused(let refusal, let reason):
            self = .refused(refusal, reason: String(decoding: reason, as: UTF8.self))
        case .ended: self = .ended
        }
    }

    private static func left(until deadline: UInt64) -> Duration {
        let now = relevo_sys_monotonic()
        return .nanoseconds(Int64(clamping: deadline > now ? deadline - now : 0))
    }
}
