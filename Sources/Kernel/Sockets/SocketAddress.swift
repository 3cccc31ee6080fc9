/// An IPv4 or IPv6 address with a port, as written in settings: `127.0.0.1:53`, `[::1]:53`.
package enum SocketAddress: Hashable, Sendable {
    /// The address in the order it is written: 127.0.0.1 is 0x7F000001.
    case ipv4(UInt32, port: UInt16)
    /// The scope is an interface's index, 0 for none.
    case ipv6(UInt128, port: UInt16, scope: UInt32)

    /// 127.0.0.1 with this port, 0 for one that the kernel picks.
    package static func loopback(port: UInt16 = 0) -> SocketAddress {
        .ipv4(0x7F00_0001, port: port)
    }
    /// ::1 with this port, 0 for one that the kernel picks.
    package static func loopback6(port: UInt16 = 0) -> SocketAddress {
        .ipv6(1, port: port, scope: 0)
    }

    /// The port in the order it is written.
    package var port: UInt16 {
        get {
            switch self {
            case .ipv4(_, let port), .ipv6(_, let port, _): port
            }
        }
        set {
            switch self {
            case .ipv4(let address, _): self = .ipv4(address, port: newValue)
            case .ipv6(let address, _, let scope):
                self = .ipv6(address, port: newValue, scope: scope)
            }
        }
    }

    /// Whether it stands for every local address: `0.0.0.0` or `[::]`.
    package var isWildcard: Bool {
        switch self {
        case .ipv4(let address, _): address == 0
        case .ipv6(let address, _, _): address == 0
        }
    }

    /// Whether sockets of this address are of AF_INET6.
    package var isIPv6: Bool {
        switch self {
        case .ipv4: false
        case .ipv6: true
        }
    }

    /// The IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d`; others as they are.
    package var unmapped: SocketAddress {
        switch self {
        case .ipv6(let address, let port, _) where address >> 32 == 0xFFFF:
            .ipv4(UInt32(truncatingIfNeeded: address), port: port)
        case .ipv4, .ipv6: self
        }
    }
}
