import Glibc

/// Both ends of a connection without an address, to be taken one by one; an end that nobody takes
/// is closed.
package struct UnixConnectionPair: ~Copyable {
    private var first: OwnedDescriptor?
    private var second: OwnedDescriptor?

    /// Only the first end may be made non-blocking: the second goes to another program.
    package init(kind: UnixSocketKind, nonBlockingFirst: Bool = false) throws(KernelError) {
        let type = Int32(kind.type.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        var ends: [Int32] = [-1, -1]
        try check("socketpair") { unsafe socketpair(AF_UNIX, type, 0, &ends) }
        first = OwnedDescriptor(adopting: ends[0])
        second = OwnedDescriptor(adopting: ends[1])
        if nonBlockingFirst { try first?.setNonBlocking(true) }
    }

    /// One end; taken once.
    package mutating func takeFirst() -> UnixConnection {
        guard let end = first.take() else { preconditionFailure("the end is taken already") }
        return UnixConnection(adopting: end)
    }

    /// The other end; taken once.
    package mutating func takeSecond() -> UnixConnection {
        guard let end = second.take() else { preconditionFailure("the end is taken already") }
        return UnixConnection(adopting: end)
    }
}
