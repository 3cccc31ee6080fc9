import CKernel
import Glibc

extension SocketAddress {
    /// Whether datagrams for a group of hosts can come to a socket that is bound here: every address, one
    /// of multicast, or one that may be a network's broadcast address.
    package var hearsGroups: Bool {
        switch self {
        case .ipv4(let bits, _): bits == 0 || bits >> 28 == 0xE || bits & 0xFF == 0xFF
        case .ipv6(let bits, _, _): bits == 0 || bits >> 120 == 0xFF || unmapped.isMappedGroup
        }
    }

    private var isMappedGroup: Bool {
        switch self {
        case .ipv4: hearsGroups
        case .ipv6: false
        }
    }
}

/// "Keep what was sent to this host alone": what came to it by the link (SKF_AD_PKTTYPE, packet(7)
/// PACKET_HOST) and is addressed to no group of IPv4 or IPv6. The link of the loopback interface does not
/// tell: there a broadcast is kept.
private let toThisHostAlone = [
    ClassicInstruction(code: 0x20, operand: 0xFFFF_F004),
    ClassicInstruction(code: 0x15, whenFalse: 8, operand: 0),
    ClassicInstruction(code: 0x30, operand: network),
    ClassicInstruction(code: 0x74, operand: 4),
    ClassicInstruction(code: 0x15, whenTrue: 2, operand: 6),
    ClassicInstruction(code: 0x30, operand: network + 16),
    ClassicInstruction(code: 0x35, whenTrue: 3, whenFalse: 2, operand: 224),
    ClassicInstruction(code: 0x30, operand: network + 24),
    ClassicInstruction(code: 0x15, whenTrue: 1, operand: 0xFF),
    ClassicInstruction(code: 0x06, operand: UInt32.max),
    ClassicInstruction(code: 0x06, operand: 0),
]

/// SKF_NET_OFF: offsets from here count from the IP header.
private let network: UInt32 = 0xFFF0_0000

extension DescriptorHolder where Self: ~Copyable {
    /// Has the socket get nothing any more that is sent to a group of hosts, by multicast or broadcast.
    ///
    /// The kernel gives a copy of those to every socket that matches, and asks no program of steering.
    ///
    /// - Returns: false where somebody else's filter is there, which stays.
    @discardableResult
    package borrowing func turnFromGroups() throws(KernelError) -> Bool {
        if try isTurnedFromGroups() { return true }
        if try glance().hasFilter { return false }
        try attachFilter(toThisHostAlone)
        return true
    }

    /// Has it get that again; a filter of somebody else's stays.
    package borrowing func turnToGroups() throws(KernelError) {
        if try isTurnedFromGroups() { try detachFilter() }
    }

    /// Whether the filter that is there is ours.
    package borrowing func isTurnedFromGroups() throws(KernelError) -> Bool {
        var room = [sock_filter](repeating: sock_filter(), count: toThisHostAlone.count)
        // Counted in instructions; more than there is room for is EINVAL.
        var count = socklen_t(room.count)
        let status = withRaw { number in
            unsafe room.withUnsafeMutableBytes {
                unsafe getsockopt(number, SOL_SOCKET, SO_GET_FILTER, $0.baseAddress, &count)
            }
        }
        guard status == 0, count == socklen_t(room.count) else { return false }
        return zip(room, toThisHostAlone).allSatisfy {
            $0.code == $1.code && $0.jt == $1.whenTrue && $0.jf == $1.whenFalse
                && $0.k == $1.operand
        }
    }
}
