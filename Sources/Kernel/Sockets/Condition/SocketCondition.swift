import CKernel
import Glibc

/// All that can be seen of a bound socket without changing it, by some thirty system calls.
package struct SocketCondition: Equatable, Sendable {
    package var glance: SocketGlance
    /// What it is bound to; nil unless it is of UDP or TCP.
    package var address: SocketAddress?
    /// Whether others of its user may bind the same address (SO_REUSEPORT).
    package var sharesPort: Bool
    package var reusesAddress: Bool
    /// The interface that it is bound to; 0 for none.
    package var interface: Int32
    /// Whether its filter can neither be changed nor taken off (SO_LOCK_FILTER).
    package var isFilterLocked: Bool
    /// Bytes of the receive buffer, as the kernel counts them: twice what was asked for.
    package var receiveBuffer: Int
    package var memberships: [MulticastMembership]
    /// Options in which it differs from a socket that is as it should be, as the man pages call them.
    package var changedOptions: [String]

    /// Looks at a socket and compares it with one that has just been made.
    package init(
        of socket: borrowing some DescriptorHolder & ~Copyable,
        beside fresh: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        let facts = try SocketFacts(of: socket)
        glance = try socket.glance()
        address = facts.address
        sharesPort = facts.sharesPort
        reusesAddress = facts.reusesAddress
        interface = try socket.boundInterface()
        isFilterLocked = try socket.isFilterLocked()
        receiveBuffer = try socket.withRaw { (number) throws(KernelError) in
            Int(try option("getsockopt SO_RCVBUF", of: number, SO_RCVBUF, initial: Int32(0)))
        }
        memberships = MulticastMembership.all().filter { socket.has($0) }
        changedOptions = socket.withRaw { one in
            fresh.withRaw { other in differences(of: one, from: other) }
        }
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Whether the socket's filter can neither be changed nor taken off, nor a program of steering be
    /// attached through it.
    package borrowing func isFilterLocked() throws(KernelError) -> Bool {
        try withRaw { (number) throws(KernelError) in
            try option("getsockopt SO_LOCK_FILTER", of: number, SO_LOCK_FILTER, initial: Int32(0))
                != 0
        }
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// The number of the interface that the socket is bound to; 0 for none.
    package borrowing func boundInterface() throws(KernelError) -> Int32 {
        try withRaw { (number) throws(KernelError) in
            try option(
                "getsockopt SO_BINDTOIFINDEX", of: number, Int32(RELEVO_SO_BINDTOIFINDEX),
                initial: Int32(0))
        }
    }
}

private func differences(of one: Int32, from other: Int32) -> [String] {
    var found: [String] = []
    var index = 0
    while let option = unsafe relevo_option_at(index) {
        index += 1
        if unsafe relevo_option_differs(option, one, other) != 0 {
            found.append(unsafe String(cString: option.pointee.label))
        }
    }
    return found
}

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
