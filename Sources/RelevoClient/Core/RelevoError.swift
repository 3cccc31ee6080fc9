internal import CRelevoClient

/// What a call of the library was trying to do, and why it did not.
public struct RelevoError: Error, Equatable, Sendable {
    /// What was tried.
    public let action: Action
    /// Why it failed.
    public let reason: Reason

    init(_ action: Action, _ reason: Reason) {
        self.action = action
        self.reason = reason
    }

    /// What a call was doing when it failed.
    public enum Action: UInt8, Sendable {
        case openChannel, greet, takeSocket, bind, tell, ask, receive, notify
        case store, fetch, link, pin, accept, makeID, forward
    }

    /// Why a call failed.
    public enum Reason: Equatable, Sendable {
        /// The kernel said no: an errno(3) number.
        case system(Int32)
        /// The supervisor said no.
        case refused(Refusal)
        /// The channel or link has ended: nobody will answer on it any more.
        case ended
        /// No answer came in time; a supervisor that is being replaced answers later.
        case timedOut
        /// The service has no such listener, or its sockets have all been taken.
        case noSuchListener
        /// The caller's own values: too long, or nothing that can be sent.
        case invalid
        /// The other end does not speak as it should.
        case malformed
        /// Not without a supervisor.
        case unsupported
        /// The listener's steering heeds no ids that a worker makes, or the supervisor is an older one.
        case notSteered
    }

    /// The reason as an errno(3) number, as the C library tells it.
    public var code: Int32 {
        switch reason {
        case .system(let code): code
        case .refused(let refusal): refusal.code
        case .ended: Int32(RELEVO_SYS_RESET)
        case .timedOut: Int32(RELEVO_SYS_TIMED_OUT)
        case .noSuchListener: Int32(RELEVO_SYS_NO_ENTRY)
        case .invalid: Int32(RELEVO_SYS_INVALID)
        case .malformed: Int32(RELEVO_SYS_PROTOCOL)
        case .unsupported, .notSteered: Int32(RELEVO_SYS_NOT_SUPPORTED)
        }
    }
}
