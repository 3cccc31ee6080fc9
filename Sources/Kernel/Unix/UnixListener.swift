import Glibc

/// A local socket that others connect to. Its file stays when the owner goes away, because a
/// successor may hold the same socket: whoever ends the service removes it.
package struct UnixListener: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// Takes over a descriptor that is a listening local socket.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Binds and listens, non-blocking; a dead socket's file is replaced, a live one is
    /// `addressInUse`.
    package init(
        at address: UnixAddress, kind: UnixSocketKind, mode: UInt32 = 0o600, backlog: Int32 = 128
    ) throws(KernelError) {
        let bound = try boundUnixSocket(kind.type, at: address, mode: mode, nonBlocking: true)
        let number = bound.number
        try check("listen", on: "\(address)") { listen(number, backlog) }
        descriptor = bound
    }

    /// Takes one connection, non-blocking; nil when none waits.
    package borrowing func accept() throws(KernelError) -> UnixConnection? {
        guard let accepted = try descriptor.acceptConnection() else { return nil }
        return UnixConnection(adopting: accepted)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}
