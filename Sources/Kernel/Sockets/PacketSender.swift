import CKernel
import Glibc

/// Sends whole IP packets to addresses of this machine, with whatever source they have (CAP_NET_RAW).
package struct PacketSender: ~Copyable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// - Throws: EPERM without the capability.
    package init(isIPv6: Bool) throws(KernelError) {
        // Of this protocol the header is always the sender's, and nothing is ever received.
        descriptor = try createSocket(
            isIPv6 ? AF_INET6 : AF_INET, SOCK_RAW, nonBlocking: true,
            protocol: Int32(IPPROTO_RAW))
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// Sends one packet; EMSGSIZE where it is larger than packets may be there.
    package borrowing func send(
        _ packet: [UInt8], to address: SocketAddress
    ) throws(KernelError) {
        var target = address
        target.port = 0
        let raw = RawSocketAddress(target)
        let number = descriptor.number
        try check("sendto", on: "\(address)") {
            unsafe raw.withBytes { address, length in
                unsafe packet.withUnsafeBytes {
                    unsafe sendto(
                        number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT),
                        address, length)
                }
            }
        }
    }
}
