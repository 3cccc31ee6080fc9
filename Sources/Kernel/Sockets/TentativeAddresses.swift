/// IPv6 addresses of this machine that are being asked for on their link still: whether somebody else has
/// them is known a second or two after the interface has come up (RFC 4862, 5.4). Until then bind(2)
/// says that there is no such address.
package enum TentativeAddresses {
    /// Whether it is one now.
    package static func contains(_ address: SocketAddress) -> Bool {
        guard case .ipv6(let bits, _, let scope) = address,
            let text = try? readFile("/proc/thread-self/net/if_inet6")
        else { return false }
        return contains(bits, scope, in: text)
    }

    /// - Parameter text: lines of address, index of the interface, length of the prefix, scope, flags, all in
    ///   hexadecimal, and name.
    static func contains(_ bits: UInt128, _ scope: UInt32, in text: [UInt8]) -> Bool {
        text.split(separator: UInt8(ascii: "\n")).contains { line in
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count >= 6, UInt128(words[0], radix: 16) == bits,
                let index = UInt32(words[1], radix: 16), scope == 0 || scope == index,
                let flags = UInt32(words[4], radix: 16)
            else { return false }
            return flags & tentative != 0 && flags & failed == 0
        }
    }

    /// IFA_F_TENTATIVE.
    private static let tentative: UInt32 = 0x40
    /// IFA_F_DADFAILED: somebody else has it.
    private static let failed: UInt32 = 0x08
}
