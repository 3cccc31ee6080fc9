import CKernel
import Glibc
import SystemPackage

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

    /// Makes received batches tell the byte of the header that has DSCP and ECN.
    package borrowing func reportTrafficClass() throws(KernelError) {
        let number = descriptor.number
        // A socket of IPv6 may receive over IPv4 as well.
        try setOption(
            "setsockopt IP_RECVTOS", of: number, level: Int32(IPPROTO_IP), IP_RECVTOS,
            to: Int32(1))
        guard try localAddress().isIPv6 else { return }
        try setOption(
            "setsockopt IPV6_RECVTCLASS", of: number, level: Int32(IPPROTO_IPV6),
            IPV6_RECVTCLASS, to: Int32(1))
    }

    /// Takes the error that waits on the socket, such as an ICMP refusal; nil when there is none.
    package borrowing func takeError() throws(KernelError) -> KernelError? {
        try descriptor.takeSocketError(of: "socket")
    }
}

extension DatagramSocket {
    /// Sends one datagram to the connected peer; false when the send queue is full.
    @discardableResult
    package borrowing func send(_ bytes: [UInt8]) throws(KernelError) -> Bool {
        let number = descriptor.number
        return try checkUnlessBlocked("send") {
            unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
        } != nil
    }

    /// Sends one datagram; false when the send queue is full.
    @discardableResult
    package borrowing func send(
        _ bytes: [UInt8], to address: SocketAddress
    ) throws(KernelError) -> Bool {
        let number = descriptor.number
        let raw = RawSocketAddress(address)
        return try checkUnlessBlocked("sendto", on: "\(address)") {
            unsafe raw.withBytes { address, length in
                unsafe bytes.withUnsafeBytes {
                    unsafe sendto(
                        number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), address,
                        length)
                }
            }
        } != nil
    }

    /// Takes one datagram without waiting; nil when there is none.
    package borrowing func receive() throws(KernelError) -> ReceivedDatagram? {
        let number = descriptor.number
        var raw = RawSocketAddress()
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = try checkUnlessBlocked("recvfrom") {
            unsafe raw.withRoom { address, length in
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe recvfrom(
                        number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT), address,
                        length)
                }
            }
        }
        guard let count else { return nil }
        guard let source = raw.address else {
            throw KernelError("recvfrom", .addressFamilyNotSupported)
        }
        return ReceivedDatagram(bytes: Array(bytes.prefix(count)), source: source)
    }

    /// Takes one datagram, waiting for it at most this long; nil when none came.
    package borrowing func receive(
        within limit: Duration
    ) throws(KernelError) -> ReceivedDatagram? {
        guard try descriptor.wait(for: .readable, within: limit) else { return nil }
        return try receive()
    }

    /// Empties the queue of a socket that nobody will read any more and says how many were in it.
    package borrowing func discardQueue() throws(KernelError) -> Int {
        let number = descriptor.number
        var count = 0
        while true {
            do throws(KernelError) {
                let taken = try checkUnlessBlocked("recv") {
                    recv(number, nil, 0, Int32(MSG_DONTWAIT))
                }
                guard taken != nil else { return count }
                count += 1
            } catch {
                guard error.errno == .connectionRefused else { throw error }
                continue
            }
        }
    }
}

/// One datagram and where it came from.
package struct ReceivedDatagram: Hashable, Sendable {
    package var bytes: [UInt8]
    package var source: SocketAddress
}

extension DatagramSocket {
    /// Makes the socket keep what ICMP says about datagrams it has sent, connected or not.
    package borrowing func reportRefusals() throws(KernelError) {
        let isIPv6 = try localAddress().isIPv6
        let number = descriptor.number
        try check("setsockopt RECVERR") { relevo_ask_refusals(number, isIPv6 ? 1 : 0) }
    }

    /// Takes all refusals that wait; says how many.
    package borrowing func takeRefusals() throws(KernelError) -> Int {
        let number = descriptor.number
        var count = 0
        while try check("recvmsg MSG_ERRQUEUE", { relevo_take_refusal(number) }) > 0 {
            count += 1
        }
        return count
    }
}
