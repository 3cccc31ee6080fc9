internal import CRelevoClient
internal import Synchronization

/// A link to a worker of another generation that has not been taken up yet; closed, so that the
/// other end hears of it, when nobody takes it.
public final class OfferedLink: Sendable {
    /// The generation at the other end.
    public let generation: UInt64
    /// The index of the worker at the other end.
    public let worker: UInt64
    /// Whether this worker asked for it.
    public let isAsked: Bool
    /// What the one that asked gave it.
    public let label: String
    /// -1 once it has been taken up.
    private let descriptor: Mutex<CInt>

    init(_ offer: LinkOffer) {
        generation = offer.generation
        worker = offer.worker
        isAsked = offer.isAsked
        label = String(decoding: offer.label, as: UTF8.self)
        descriptor = Mutex(offer.descriptor)
    }

    deinit { descriptor.withLock { if $0 >= 0 { relevo_sys_close($0) } } }

    /// Makes the link usable; once.
    public func take() throws(RelevoError) -> Link { try Link(adopting: takeDescriptor()) }

    /// The link's bare socket, a SOCK_SEQPACKET one that the caller owns; once. What is spoken on
    /// it is the caller's own then.
    public func takeDescriptor() throws(RelevoError) -> CInt {
        let taken = descriptor.withLock { descriptor in
            let taken = descriptor
            descriptor = -1
            return taken
        }
        if taken < 0 { throw RelevoError(.link, .invalid) }
        return taken
    }
}
