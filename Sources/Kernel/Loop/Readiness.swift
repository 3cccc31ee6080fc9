import Glibc

/// What a descriptor is ready for; poll(2) and epoll(7) use the same bits.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: UInt32(POLLIN))
    package static let writable = Readiness(rawValue: UInt32(POLLOUT))
    /// Reported though nobody asked.
    package static let failed = Readiness(rawValue: UInt32(POLLERR))
    /// Reported though nobody asked: the other end is gone.
    package static let hungUp = Readiness(rawValue: UInt32(POLLHUP))
}
