/// All addresses that begin with the same bits, as text: 192.0.2.0/24 (RFC 4632), 2001:db8::/32 (RFC 4291).
package struct InternetNetwork: Hashable, Sendable, CustomStringConvertible {
    /// In network order, 4 bytes of IPv4 or 16 of IPv6.
    package let address: [UInt8]
    /// How many bits the addresses have in common.
    package let length: Int

    package init(address: [UInt8], length: Int) {
        self.address = address
        self.length = length
    }

    /// Reads one. An address alone is the network that has only it, and IPv4 addresses written as those of IPv6
    /// (::ffff:0:0/96) are what they mean.
    package static func parse(_ text: String) throws(ValueError) -> InternetNetwork {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = bytes(of: first) else {
            throw ValueError(
                "'\(text)' is not a network; write one such as 192.0.2.0/24 or 2001:db8::/32")
        }
        let bits = bytes.count * 8
        guard let length = parts.count == 1 ? bits : Number.digits(String(parts[1])),
            length <= bits
        else {
            throw ValueError(
                "'\(text)' is not a network: behind the / stands a number up to \(bits)")
        }
        let network = InternetNetwork(address: masked(bytes, length), length: length)
        guard network.address == bytes else {
            throw ValueError(
                "'\(text)' has bits behind its prefix: the network is \(network), the address "
                    + "alone \(InternetNetwork(address: bytes, length: bits))")
        }
        let isIPv4 = bits == 128 && length >= 96 && bytes.starts(with: mapped)
        return isIPv4
            ? InternetNetwork(address: Array(bytes.dropFirst(12)), length: length - 96) : network
    }

    /// What IPv4 addresses begin with where they are written as those of IPv6 (RFC 4291 section 2.5.5.2).
    private static let mapped: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

    private static func bytes(of text: Substring) -> [UInt8]? {
        if let address = IPv6Text.ipv4(text) {
            return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> UInt32($0)) }
        }
        return IPv6Text.groups(text)?.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }

    private static func masked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes.enumerated().map { at, byte in
            let ones = min(max(length - at * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xff00 >> ones)
        }
    }

    package var description: String {
        let bytes = address.map(UInt16.init)
        let text =
            bytes.count == 4
            ? bytes.map(String.init).joined(separator: ".")
            : IPv6Text.text(
                stride(from: 0, to: bytes.count, by: 2).map { bytes[$0] << 8 | bytes[$0 + 1] })
        return "\(text)/\(length)"
    }
}
