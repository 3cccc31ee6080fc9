import Glibc
import SystemPackage

/// A TCP connection.
package struct StreamConnection: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// Takes over a descriptor that is a TCP connection.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Connects and waits until the peer's kernel has taken the connection.
    package init(to address: SocketAddress) throws(KernelError) {
        let created = try createSocket(address.isIPv6 ? AF_INET6 : AF_INET, SOCK_STREAM)
        let number = created.number
        let raw = RawSocketAddress(address)
        try check("connect", on: "\(address)") {
            unsafe raw.withBytes { unsafe connect(number, $0, $1) }
        }
        descriptor = created
    }

    /// The address of the other end.
    package borrowing func peerAddress() throws(KernelError) -> SocketAddress {
        let number = descriptor.number
        let found = try unsafe address("getpeername") { unsafe getpeername(number, $0, $1) }
        guard let found else { throw KernelError("getpeername", .addressFamilyNotSupported) }
        return found
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}
