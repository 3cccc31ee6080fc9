import Glibc
import SystemPackage

/// What a datagram socket is born with.
package struct DatagramSocketOptions: Sendable, Hashable {
    /// Member of a reuseport group. With port 0 the kernel may pick the port of another group of
    /// this user, unless steering was attached before: one that stands alone says false.
    package var reusePort: Bool
    /// May take an address that another socket of the same mind has.
    package var reuseAddress: Bool
    /// Bytes asked for; what was granted is told by `DatagramSocket.receiveBuffer()`.
    package var receiveBuffer: Int?
    /// Bytes asked for the send queue.
    package var sendBuffer: Int?
    /// Whether an IPv6 socket leaves IPv4 alone; nil leaves it to the system's setting.
    package var v6Only: Bool?
    /// May take an address that is not there yet (IP_FREEBIND).
    package var freeBind: Bool
    /// May take another machine's address (IP_TRANSPARENT, CAP_NET_ADMIN).
    package var transparent: Bool
    /// Off by default: the flag is shared with workers, which expect a blocking socket.
    package var nonBlocking: Bool
    /// The number of the interface that it hears alone (SO_BINDTOIFINDEX); 0 for every one.
    package var interface: Int32

    package init(
        reusePort: Bool = true, reuseAddress: Bool = false, receiveBuffer: Int? = nil,
        sendBuffer: Int? = nil, v6Only: Bool? = nil, nonBlocking: Bool = false,
        freeBind: Bool = false, transparent: Bool = false, interface: Int32 = 0
    ) {
        self.reusePort = reusePort
        self.reuseAddress = reuseAddress
        self.receiveBuffer = receiveBuffer
        self.sendBuffer = sendBuffer
        self.v6Only = v6Only
        self.nonBlocking = nonBlocking
        self.interface = interface
        self.freeBind = freeBind
        self.transparent = transparent
    }

    func apply(to number: Int32, isIPv6: Bool) throws(KernelError) {
        if reuseAddress {
            try setOption("setsockopt SO_REUSEADDR", of: number, SO_REUSEADDR, to: Int32(1))
        }
        if reusePort {
            try setOption("setsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, to: Int32(1))
        }
        if isIPv6, let v6Only {
            try setOption(
                "setsockopt IPV6_V6ONLY", of: number, level: Int32(IPPROTO_IPV6), IPV6_V6ONLY,
                to: Int32(v6Only ? 1 : 0))
        }
        try applyBindOptions(
            to: number, isIPv6: isIPv6, freeBind: freeBind, transparent: transparent)
        try bindToInterface(number, interface)
        if let receiveBuffer { try growReceiveBuffer(of: number, to: receiveBuffer) }
        if let sendBuffer { try growSendBuffer(of: number, to: sendBuffer) }
    }
}

/// Whether a socket may be bound to an address that no interface has (IP_FREEBIND); no privilege is needed.
package func setFreeBind(
    _ isOn: Bool, on socket: borrowing some DescriptorHolder & ~Copyable, isIPv6: Bool
) throws(KernelError) {
    try socket.withRaw { (number) throws(KernelError) in
        // IPV6_FREEBIND, which not every C library has.
        try setOption(
            "setsockopt FREEBIND", of: number, level: Int32(isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP),
            isIPv6 ? 78 : IP_FREEBIND, to: Int32(isOn ? 1 : 0))
    }
}

/// Sets what lets a socket take an address that this machine does not have.
func applyBindOptions(
    to number: Int32, isIPv6: Bool, freeBind: Bool, transparent: Bool
) throws(KernelError) {
    let level = Int32(isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP)
    // IPV6_FREEBIND, which not every C library has.
    let free: Int32 = isIPv6 ? 78 : IP_FREEBIND
    let foreign = isIPv6 ? IPV6_TRANSPARENT : IP_TRANSPARENT
    if freeBind {
        try setOption("setsockopt FREEBIND", of: number, level: level, free, to: Int32(1))
    }
    if transparent {
        try setOption("setsockopt TRANSPARENT", of: number, level: level, foreign, to: Int32(1))
    }
}

/// Asks for a receive buffer, past the system's limit where privileged.
func growReceiveBuffer(of socket: Int32, to bytes: Int) throws(KernelError) {
    let wanted = Int32(clamping: bytes)
    do throws(KernelError) {
        try setOption("setsockopt SO_RCVBUFFORCE", of: socket, SO_RCVBUFFORCE, to: wanted)
    } catch {
        guard error.errno == .notPermitted else { throw error }
        try setOption("setsockopt SO_RCVBUF", of: socket, SO_RCVBUF, to: wanted)
    }
}

/// Asks for a send buffer, past the system's limit where privileged.
func growSendBuffer(of socket: Int32, to bytes: Int) throws(KernelError) {
    let wanted = Int32(clamping: bytes)
    do throws(KernelError) {
        try setOption("setsockopt SO_SNDBUFFORCE", of: socket, SO_SNDBUFFORCE, to: wanted)
    } catch {
        guard error.errno == .notPermitted else { throw error }
        try setOption("setsockopt SO_SNDBUF", of: socket, SO_SNDBUF, to: wanted)
    }
}
