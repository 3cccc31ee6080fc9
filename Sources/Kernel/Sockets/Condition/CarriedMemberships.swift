import CKernel
import Glibc

/// From whom a member of a group hears (`struct group_filter`, ip(7) IP_MSFILTER).
struct GroupSenders {
    /// Whether it hears from `sources` alone, or from all but these.
    let areNamed: Bool
    let sources: [sockaddr_storage]
}

/// Makes one socket a member of the groups that another one has joined, to hear from the same senders. Both are in
/// this network namespace.
///
/// - Returns: what could not be carried over, with the reason.
package func carryMemberships(
    from source: borrowing some DescriptorHolder & ~Copyable,
    to target: borrowing some DescriptorHolder & ~Copyable
) -> [String] {
    var left: [String] = []
    for membership in MulticastMembership.all() {
        guard !target.has(membership), let senders = source.senders(of: membership) else {
            continue
        }
        do throws(KernelError) {
            try target.join(membership, hearing: senders)
        } catch {
            left.append("group \(membership.group) (\(error.errno))")
        }
    }
    return left
}

extension DescriptorHolder where Self: ~Copyable {
    /// From whom the socket hears a group; nil where it is no member.
    borrowing func senders(of membership: MulticastMembership) -> GroupSenders? {
        withRaw { number in
            let header = GroupFilter(membership, room: GroupFilter.room)
            let start = MemoryLayout<GroupFilter>.size
            let step = MemoryLayout<sockaddr_storage>.size
            var bytes = [UInt8](repeating: 0, count: start + Int(GroupFilter.room) * step)
            var length = socklen_t(bytes.count)
            let status = unsafe bytes.withUnsafeMutableBytes {
                unsafe $0.storeBytes(of: header, as: GroupFilter.self)
                return unsafe getsockopt(
                    number, membership.level, MCAST_MSFILTER, $0.baseAddress, &length)
            }
            guard status == 0 else { return nil }
            return unsafe bytes.withUnsafeBytes {
                let found = unsafe $0.loadUnaligned(as: GroupFilter.self)
                let count = Int(min(found.sources, GroupFilter.room))
                let bytes = unsafe $0
                return GroupSenders(
                    areNamed: found.mode == GroupFilter.include,
                    sources: (0..<count).map {
                        unsafe bytes.loadUnaligned(
                            fromByteOffset: start + $0 * step, as: sockaddr_storage.self)
                    })
            }
        }
    }

    /// Makes the socket a member that hears these senders.
    borrowing func join(
        _ membership: MulticastMembership, hearing senders: GroupSenders
    ) throws(KernelError) {
        if !senders.areNamed { try join(membership) }
        for sender in senders.sources {
            try withRaw { (number) throws(KernelError) in
                let request = GroupSourceRequest(membership, sender)
                if senders.areNamed {
                    try setOption(
                        "setsockopt MCAST_JOIN_SOURCE_GROUP", of: number, level: membership.level,
                        MCAST_JOIN_SOURCE_GROUP, to: request)
                } else {
                    try setOption(
                        "setsockopt MCAST_BLOCK_SOURCE", of: number, level: membership.level,
                        MCAST_BLOCK_SOURCE, to: request)
                }
            }
        }
    }
}

/// `struct group_filter`, in front of its senders.
private struct GroupFilter: BitwiseCopyable {
    /// MCAST_INCLUDE.
    static let include: UInt32 = 1
    /// As many senders as the kernel lets one socket name unless its limits are raised (igmp_max_msf, mld_max_msf).
    static let room: UInt32 = 64

    var request: GroupRequest
    var mode: UInt32 = 0
    var sources: UInt32

    init(_ membership: MulticastMembership, room: UInt32) {
        request = GroupRequest(membership)
        sources = room
    }
}

/// `struct group_source_req`.
private struct GroupSourceRequest: BitwiseCopyable {
    var request: GroupRequest
    var source: sockaddr_storage

    init(_ membership: MulticastMembership, _ source: sockaddr_storage) {
        request = GroupRequest(membership)
        self.source = source
    }
}
