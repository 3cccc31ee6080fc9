import Glibc

/// A UDP socket with one owner.
///
/// In a reuseport group the steering program is attached to the first socket, bound or not, before
/// the second one binds.
package struct DatagramSocket: ~Copyable, Sendable, DescriptorHolder {
    let descriptor: OwnedDescriptor

    /// Takes over a descriptor that is a datagram socket.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// A socket of the address's family with its options set, not bound yet.
    package init(
        for address: SocketAddress, options: DatagramSocketOptions = DatagramSocketOptions()
    ) throws(KernelError) {
        let created = try createSocket(
            address.isIPv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, nonBlocking: options.nonBlocking)
        try options.apply(to: created.number, isIPv6: address.isIPv6)
        descriptor = created
    }

    /// A socket created and bound in one go.
    package static func bound(
        to address: SocketAddress, options: DatagramSocketOptions = DatagramSocketOptions()
    ) throws(KernelError) -> DatagramSocket {
        let socket = try DatagramSocket(for: address, options: options)
        try socket.bind(to: address)
        return socket
    }

    /// Gives it an address; port 0 lets the kernel pick one, told by `localAddress()`.
    package borrowing func bind(to address: SocketAddress) throws(KernelError) {
        let number = descriptor.number
        let raw = RawSocketAddress(address)
        try check("bind", on: "\(address)") {
            unsafe raw.withBytes { unsafe Glibc.bind(number, $0, $1) }
        }
    }

    /// Fixes the peer: only its datagrams are received, and its refusals are reported as errors.
    package borrowing func connect(to address: SocketAddress) throws(KernelError) {
        let number = descriptor.number
        let raw = RawSocketAddress(address)
        try check("connect", on: "\(address)") {
            unsafe raw.withBytes { unsafe Glibc.connect(number, $0, $1) }
        }
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// A second descriptor of the same socket, sharing its queue and its flags.
    package borrowing func duplicate() throws(KernelError) -> DatagramSocket {
        DatagramSocket(adopting: try descriptor.duplicate())
    }

    /// Gives the descriptor away, still owned.
    package consuming func intoDescriptor() -> OwnedDescriptor { descriptor }
}
