import CKernel
import Glibc
import SystemPackage

/// What a socket that somebody else has made turns out to be.
package struct SocketFacts: Sendable {
    package enum Kind: Equatable, Sendable {
        case udp
        case tcp
        /// Another protocol, another family, or no socket at all.
        case other
    }

    package private(set) var kind = Kind.other
    /// What it is bound to; nil unless it is of UDP or TCP.
    package private(set) var address: SocketAddress?
    /// Whether it may share its address in a reuseport group.
    package private(set) var sharesPort = false
    /// Whether it lets others that ask for it as well take its address (SO_REUSEADDR).
    package private(set) var reusesAddress = false
    package private(set) var isNonBlocking = false
    /// Whether it is of IPv6 and leaves IPv4 alone.
    package private(set) var isIPv6Only = false
    /// The number of the interface that it is bound to (SO_BINDTODEVICE); 0 for none.
    package private(set) var interface: Int32 = 0
    /// Whether it is bound to one interface.
    package var hasInterface: Bool { interface != 0 }
    /// Whether it may be bound to an address that is not there yet, or to another machine's.
    package private(set) var mayBindFreely = (free: false, transparent: false)
    /// Whether it is connected to one peer.
    package private(set) var hasPeer = false

    /// Looks at a descriptor, which stays as it is.
    package init(of holder: borrowing some DescriptorHolder & ~Copyable) throws(KernelError) {
        kind = try holder.withRaw { (number) throws(KernelError) in try Self.kind(of: number) }
        guard kind != .other else { return }
        try holder.withRaw { (number) throws(KernelError) in
            address = try unsafe Kernel.address("getsockname") {
                unsafe getsockname(number, $0, $1)
            }
            sharesPort =
                try option("getsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, initial: Int32(0))
                != 0
            reusesAddress =
                try option("getsockopt SO_REUSEADDR", of: number, SO_REUSEADDR, initial: Int32(0))
                != 0
            isNonBlocking = try check("fcntl F_GETFL") { fcntl(number, F_GETFL) } & O_NONBLOCK != 0
            hasPeer = try Self.hasPeer(number)
            interface = try option(
                "getsockopt SO_BINDTOIFINDEX", of: number, Int32(RELEVO_SO_BINDTOIFINDEX),
                initial: Int32(0))
            mayBindFreely = try Self.mayBindFreely(number)
            guard address?.isIPv6 ?? false else { return }
            isIPv6Only =
                try option(
                    "getsockopt IPV6_V6ONLY", of: number, level: Int32(IPPROTO_IPV6), IPV6_V6ONLY,
                    initial: Int32(0)) != 0
        }
    }

    /// Both options are shared by the two families of a socket.
    private static func mayBindFreely(
        _ number: Int32
    ) throws(KernelError) -> (free: Bool, transparent: Bool) {
        let level = Int32(IPPROTO_IP)
        let free = try option(
            "getsockopt IP_FREEBIND", of: number, level: level, IP_FREEBIND, initial: Int32(0))
        let foreign = try option(
            "getsockopt IP_TRANSPARENT", of: number, level: level, IP_TRANSPARENT,
            initial: Int32(0))
        return (free != 0, foreign != 0)
    }

    private static func kind(of number: Int32) throws(KernelError) -> Kind {
        do throws(KernelError) {
            let family = try option(
                "getsockopt SO_DOMAIN", of: number, SO_DOMAIN, initial: Int32(0))
            guard family == AF_INET || family == AF_INET6 else { return .other }
            switch try option("getsockopt SO_PROTOCOL", of: number, SO_PROTOCOL, initial: Int32(0))
            {
            case Int32(IPPROTO_UDP): return .udp
            case Int32(IPPROTO_TCP): return .tcp
            default: return .other
            }
        } catch {
            if error.errno == .notSocket { return .other }
            throw error
        }
    }

    static func hasPeer(_ number: Int32) throws(KernelError) -> Bool {
        do throws(KernelError) {
            return try unsafe Kernel.address("getpeername") { unsafe getpeername(number, $0, $1) }
                != nil
        } catch {
            if error.errno == .socketNotConnected { return false }
            throw error
        }
    }
}

/// What a descriptor that was handed over turns out to be.
package enum SocketNature: Sendable {
    case datagram
    case stream
    case other

    /// Finds out; what is no socket at all is `other`.
    package static func of(
        _ holder: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) -> SocketNature {
        try holder.withRaw { (number) throws(KernelError) in
            do throws(KernelError) {
                switch try option("getsockopt SO_TYPE", of: number, SO_TYPE, initial: Int32(0)) {
                case Int32(SOCK_DGRAM.rawValue): return .datagram
                case Int32(SOCK_STREAM.rawValue): return .stream
                default: return .other
                }
            } catch {
                if error.errno == .notSocket { return .other }
                throw error
            }
        }
    }
}

/// The states of TCP by the kernel's numbers (net/tcp_states.h).
package enum SocketState: UInt8, CaseIterable, Sendable {
    case established = 1
    case synSent, synReceived, finWait1, finWait2, timeWait, closed, closeWait, lastAck, listening,
        closing, newSynReceived

    /// Those in which the peer of a connection may still send.
    package static let open: Set<SocketState> = [.established, .finWait1, .finWait2]
}
