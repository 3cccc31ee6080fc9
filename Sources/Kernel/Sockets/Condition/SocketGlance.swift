import CKernel
import Glibc

/// What three system calls tell of a bound socket that others have had: cheap enough for every second.
package struct SocketGlance: Equatable, Sendable {
    /// Whether shutdown(2) has ended it, which nothing undoes on the same socket.
    package var isShutDown: Bool
    /// Whether it is connected to one peer, and hears nobody else.
    package var hasPeer: Bool
    /// Whether a filter drops part of what arrives (SO_ATTACH_FILTER, SO_ATTACH_BPF).
    package var hasFilter: Bool

    /// Whether it is as it was when it was bound, as far as this tells.
    package var isSound: Bool { !isShutDown && !hasPeer && !hasFilter }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Looks at a socket of UDP, or one of TCP that listens, and changes nothing.
    package borrowing func glance() throws(KernelError) -> SocketGlance {
        try withRaw { (number) throws(KernelError) in
            SocketGlance(
                isShutDown: try isShutDown(number),
                hasPeer: try SocketFacts.hasPeer(number),
                hasFilter: relevo_has_filter(number) != 0)
        }
    }
}

/// A socket that was shut down for reading alone is as deaf as one that was for both.
private func isShutDown(_ number: Int32) throws(KernelError) -> Bool {
    var entry = pollfd(fd: number, events: readingEnded, revents: 0)
    try check("poll") { unsafe poll(&entry, 1, 0) }
    return entry.revents & (readingEnded | Int16(POLLHUP)) != 0
}

/// POLLRDHUP, which glibc shows to those only that ask for its extensions.
private let readingEnded: Int16 = 0x2000
