import Kernel
import SystemPackage

/// Whether a slot's socket is where the steering can reach it.
package enum GroupMembership: Equatable, Sendable {
    /// In a reuseport group, which our program steers now.
    case member
    /// In none any more: a connect(2) or SO_BINDTODEVICE has taken it out, and nothing brings it back.
    case outside
    /// Its filter is locked (SO_LOCK_FILTER), so that it cannot be told; another member can be asked.
    case locked

    /// - Parameter error: what attaching a program through the socket came to.
    init?(_ error: KernelError) {
        switch error.errno {
        case .invalidArgument: self = .outside
        case .notPermitted: self = .locked
        default: return nil
        }
    }
}
