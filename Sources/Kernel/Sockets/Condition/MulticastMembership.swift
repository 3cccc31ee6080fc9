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

    fileprivate var level: Int32 { group.isIPv6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP) }
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
        withRaw { number in
            let found = try? option(
                "getsockopt MCAST_MSFILTER", of: number, level: membership.level, MCAST_MSFILTER,
                initial: GroupFilter(membership))
            return found != nil
        }
    }
}

/// `struct group_req`.
private struct GroupRequest: BitwiseCopyable {
    var interface: UInt64
    var group: sockaddr_storage

    init(_ membership: MulticastMembership) {
        // The upper half is padding.
        interface = UInt64(UInt32(membership.interface).littleEndian)
        group = RawSocketAddress(membership.group).wholeStorage
    }
}

/// `struct group_filter` without sources.
private struct GroupFilter: BitwiseCopyable {
    var request: GroupRequest
    var mode: UInt32 = 0
    var sources: UInt32 = 0

    init(_ membership: MulticastMembership) { request = GroupRequest(membership) }
}
