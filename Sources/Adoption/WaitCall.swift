/// A blocked system call that waits on descriptors, its arguments named.
package enum WaitCall: Equatable, Sendable {
    case read(descriptor: Int32)
    case poll(address: UInt64, count: Int)
    case select(readSet: UInt64, count: Int)
    case epoll(set: Int32)
    /// io_uring_enter(2), which does not say what it waits on.
    case ring

    /// The call behind a number and its arguments; nil for one that waits on no descriptor.
    package init?(_ number: UInt64, _ arguments: [UInt64], on architecture: Architecture) {
        guard arguments.count == 6 else { return nil }
        let first = Int32(truncatingIfNeeded: arguments[0])
        switch architecture.kind(of: number) {
        case .read: self = .read(descriptor: first)
        case .poll:
            self = .poll(address: arguments[0], count: Self.bounded(arguments[1]))
        case .select:
            self = .select(readSet: arguments[1], count: Self.bounded(arguments[0]))
        case .epoll: self = .epoll(set: first)
        case .ring: self = .ring
        case nil: return nil
        }
    }

    /// No more descriptors than a process can have by default on any distribution.
    private static func bounded(_ count: UInt64) -> Int {
        Int(min(count & 0xffff_ffff, 1 << 20))
    }
}
