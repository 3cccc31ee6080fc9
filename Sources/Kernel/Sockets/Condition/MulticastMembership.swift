import CKernel
import Glibc
import SystemPackage

/// A multicast group that a socket of this network namespace has joined at one interface.
package struct MulticastMembership: Hashable, Sendable {
    /// The group; its port means nothing.
    package let group: SocketAddress
    package let interface: UInt32

    package init(group: SocketAddress, interface: UInt32) {
        self.group = group
        self.interface = interface
    }

    /// All memberships of this network namespace. The kernel does not tell which process has which.
    package static func all() -> Set<MulticastMembership> {
        var found: Set<MulticastMembership> = []
        if let text = try? readFile("/proc/thread-self/net/igmp") { found.formUnion(igmp(text)) }
        if let text = try? readFile("/proc/thread-self/net/igmp6") { found.formUnion(igmp6(text)) }
        return found
    }

    /// Out of /proc/net/igmp: a line for each interface, with the lines of its groups below it.
    static func igmp(_ text: [UInt8]) -> [MulticastMembership] {
        var interface: UInt32?
        return lines(of: text).dropFirst().compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard line.hasPrefix("\t") else {
                interface = words.first.flatMap { UInt32($0) }
                return nil
            }
            guard let interface, let word = words.first, let bits = UInt32(word, radix: 16) else {
                return nil
            }
            // Printed as a number of this machine, though it is in network order.
            return MulticastMembership(
                group: .ipv4(UInt32(bigEndian: bits), port: 0), interface: interface)
        }
    }

    /// Out of /proc/net/igmp6: "1    lo    ff020000000000000000000000000001     1 0000000C 0".
    static func igmp6(_ text: [UInt8]) -> [MulticastMembership] {
        lines(of: text).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 2, let interface = UInt32(words[0]),
                let bits = UInt128(words[2], radix: 16)
            else { return nil }
            return MulticastMembership(
                group: .ipv6(bits, port: 0, scope: 0), interface: interface)
        }
    }

    private static func lines(of text: [UInt8]) -> [Substring] {
        String(decoding: text, as: UTF8.self).split(separator: "\n")
    }

    var level: Int32 { group.isIPv6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP) }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Makes the socket a member.
    package borrowing func join(_ membership: MulticastMembership) throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption(
                "setsockopt MCAST_JOIN_GROUP", of: number, level: membership.level,
                MCAST_JOIN_GROUP, to: GroupRequest(membership))
        }
    }

    /// Ends the socket's membership, if it has one.
    package borrowing func leave(_ membership: MulticastMembership) throws(KernelError) {
        do throws(KernelError) {
            try withRaw { (number) throws(KernelError) in
                try setOption(
                    "setsockopt MCAST_LEAVE_GROUP", of: number, level: membership.level,
                    MCAST_LEAVE_GROUP, to: GroupRequest(membership))
            }
        } catch {
            // No member, an interface that has gone, or a socket of the other family or of TCP.
            let harmless = [EADDRNOTAVAIL, ENXIO, ENODEV, EINVAL, ENOPROTOOPT, EPROTO]
            if !harmless.contains(error.errno.rawValue) { throw error }
        }
    }

    /// Whether the socket is a member.
    package borrowing func has(_ membership: MulticastMembership) -> Bool {
        senders(of: membership) != nil
    }
}

/// `struct group_req`.
struct GroupRequest: BitwiseCopyable {
    var interface: UInt64
    var group: sockaddr_storage

    init(_ membership: MulticastMembership) {
        // The upper half is padding.
        interface = UInt64(UInt32(membership.interface).littleEndian)
        group = RawSocketAddress(membership.group).wholeStorage
    }
}

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
