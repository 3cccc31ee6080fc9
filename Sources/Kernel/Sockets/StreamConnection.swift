import CKernel
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

extension StreamConnection {
    /// Begins to connect, non-blocking: writable once the peer's kernel has taken the connection,
    /// failed once it has not (`takeSocketError(of:)` says why).
    ///
    /// - Parameter source: the local address to come from, its port chosen on connect so that few
    ///   ports serve many peers.
    package static func connecting(
        to address: SocketAddress, from source: SocketAddress? = nil
    ) throws(KernelError) -> StreamConnection {
        let created = try createSocket(
            address.isIPv6 ? AF_INET6 : AF_INET, SOCK_STREAM, nonBlocking: true)
        let number = created.number
        if let source {
            let bound = RawSocketAddress(source)
            try setOption(
                "setsockopt IP_BIND_ADDRESS_NO_PORT", of: number, level: Int32(IPPROTO_IP),
                IP_BIND_ADDRESS_NO_PORT, to: Int32(1))
            try check("bind", on: "\(source)") {
                unsafe bound.withBytes { unsafe Glibc.bind(number, $0, $1) }
            }
        }
        let raw = RawSocketAddress(address)
        do throws(KernelError) {
            try check("connect", on: "\(address)") {
                unsafe raw.withBytes { unsafe Glibc.connect(number, $0, $1) }
            }
        } catch {
            guard error.errno == .nowInProgress else { throw error }
        }
        return StreamConnection(adopting: created)
    }
}
