/// The system call numbers of the calls that wait, by processor architecture.
package enum Architecture: Sendable {
    case x86
    case arm

    /// The architecture this program was built for; nil where the numbers are not known.
    package static var current: Architecture? {
        #if arch(x86_64)
            .x86
        #elseif arch(arm64)
            .arm
        #else
            nil
        #endif
    }

    /// The shapes of arguments that waiting calls have.
    enum Kind { case read, poll, select, epoll, ring }

    /// What kind of waiting a call is; nil for a call that waits on no descriptor.
    func kind(of number: UInt64) -> Kind? {
        switch self {
        case .x86:
            switch number {
            // read, readv, accept, recvfrom, recvmsg, accept4, recvmmsg
            case 0, 19, 43, 45, 47, 288, 299: .read
            // poll, ppoll
            case 7, 271: .poll
            // select, pselect6
            case 23, 270: .select
            // epoll_wait, epoll_pwait, epoll_pwait2
            case 232, 281, 441: .epoll
            case 426: .ring
            default: nil
            }
        case .arm:
            switch number {
            // read, readv, accept, recvfrom, recvmsg, accept4, recvmmsg
            case 63, 65, 202, 207, 212, 242, 243: .read
            case 73: .poll
            case 72: .select
            case 22, 441: .epoll
            case 426: .ring
            default: nil
            }
        }
    }
}
