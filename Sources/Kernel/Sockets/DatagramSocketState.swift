import Glibc
import SystemPackage

extension DatagramSocket {
    /// The address it is bound to.
    package borrowing func localAddress() throws(KernelError) -> SocketAddress {
        let number = descriptor.number
        let found = try unsafe address("getsockname") { unsafe getsockname(number, $0, $1) }
        guard let found else { throw KernelError("getsockname", .addressFamilyNotSupported) }
        return found
    }

    /// The address it is connected to.
    package borrowing func peerAddress() throws(KernelError) -> SocketAddress {
        let number = descriptor.number
        let found = try unsafe address("getpeername") { unsafe getpeername(number, $0, $1) }
        guard let found else { throw KernelError("getpeername", .addressFamilyNotSupported) }
        return found
    }

    /// Bytes of the receive buffer, counted as they are asked for (the kernel doubles them).
    package borrowing func receiveBuffer() throws(KernelError) -> Int {
        let doubled = try option(
            "getsockopt SO_RCVBUF", of: descriptor.number, SO_RCVBUF, initial: Int32(0))
        return Int(doubled / 2)
    }

    /// Asks for a receive buffer, past the system's limit where privileged; answers with what was
    /// granted, in the same units.
    @discardableResult
    package borrowing func growReceiveBuffer(to bytes: Int) throws(KernelError) -> Int {
        try Kernel.growReceiveBuffer(of: descriptor.number, to: bytes)
        return try receiveBuffer()
    }

    /// Lets others that ask for it as well take its address (SO_REUSEADDR).
    package borrowing func setReuseAddress() throws(KernelError) {
        try setOption("setsockopt SO_REUSEADDR", of: descriptor.number, SO_REUSEADDR, to: Int32(1))
    }

    /// Memory of its queues and what it has dropped.
    package borrowing func memory() throws(KernelError) -> SocketMemory {
        let words = try option(
            "getsockopt SO_MEMINFO", of: descriptor.number, SO_MEMINFO,
            initial: SocketMemory.Words())
        return SocketMemory(words)
    }

    /// The kernel's number of the socket, unique while the system runs.
    package borrowing func cookie() throws(KernelError) -> UInt64 {
        try option("getsockopt SO_COOKIE", of: descriptor.number, SO_COOKIE, initial: UInt64(0))
    }

    /// Makes received batches tell the local address each datagram was sent to, which matters on
    /// a wildcard address.
    package borrowing func reportLocalAddresses() throws(KernelError) {
        let number = descriptor.number
        if try localAddress().isIPv6 {
            try setOption(
                "setsockopt IPV6_RECVPKTINFO", of: number, level: Int32(IPPROTO_IPV6),
                IPV6_RECVPKTINFO, to: Int32(1))
        } else {
            try setOption(
                "setsockopt IP_PKTINFO", of: number, level: Int32(IPPROTO_IP), IP_PKTINFO,
                to: Int32(1))
        }
    }

    /// Takes the error that waits on the socket, an ICMP refusal say; nil when there is none.
    package borrowing func takeError() throws(KernelError) -> KernelError? {
        try descriptor.takeSocketError(of: "socket")
    }
}
