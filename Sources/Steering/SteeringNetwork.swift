import Kernel
import SteeringABI

/// All addresses that begin with the same bits.
package struct SteeringNetwork: Hashable, Sendable {
    /// How many of them a canary may have.
    package static let most = Int(RELEVO_NETWORKS)

    /// In network order, 4 bytes of IPv4 or 16 of IPv6; those behind the prefix are 0.
    package let address: [UInt8]
    /// How many bits the addresses have in common.
    package let length: Int

    /// - Parameter address: 4 or 16 bytes; what is behind the prefix does not count.
    package init(address: [UInt8], length: Int) {
        precondition([4, 16].contains(address.count), "\(address.count) bytes of an address")
        precondition(0...address.count * 8 ~= length, "a prefix of \(length) bits")
        self.length = length
        self.address = zip(address, Self.mask(length, count: address.count)).map { $0 & $1 }
    }

    package var isIPv6: Bool { address.count == 16 }

    var mask: [UInt8] { Self.mask(length, count: address.count) }

    private static func mask(_ length: Int, count: Int) -> [UInt8] {
        (0..<count).map { at in
            let ones = min(max(length - at * 8, 0), 8)
            return UInt8(truncatingIfNeeded: 0xff00 >> ones)
        }
    }

    func contains(_ other: [UInt8]) -> Bool {
        other.count == address.count
            && zip(zip(other, mask), address).allSatisfy { ($0.0 & $0.1) == $1 }
    }
}

extension SteeringNetwork {
    /// As the program reads it.
    init?(_ network: relevo_network) {
        let count = network.is_ipv6 == 1 ? 16 : 4
        func bytes(_ words: (UInt64, UInt64)) -> [UInt8] {
            let all = [words.0, words.1].flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word.littleEndian >> UInt64($0 * 8)) }
            }
            return Array(all.prefix(count))
        }
        let mask = bytes(network.mask)
        let length = mask.reduce(0) { $0 + $1.nonzeroBitCount }
        self.init(address: bytes(network.address), length: length)
        guard self.mask == mask else { return nil }
    }

    /// As the program reads it: words with the bytes in memory as in the IP header.
    var entry: relevo_network {
        func words(_ bytes: [UInt8]) -> (UInt64, UInt64) {
            let padded = bytes + Array(repeating: 0, count: 16 - bytes.count)
            func word(_ from: Int) -> UInt64 {
                let bytes = padded[from..<from + 8].reversed()
                return UInt64(littleEndian: bytes.reduce(0) { $0 << 8 | UInt64($1) })
            }
            return (word(0), word(8))
        }
        return relevo_network(
            address: words(address), mask: words(mask), is_ipv6: isIPv6 ? 1 : 0)
    }
}

extension SocketAddress {
    /// The address alone, in network order: 4 bytes of IPv4 or 16 of IPv6.
    var addressBytes: [UInt8] {
        switch self {
        case .ipv4(let address, _):
            (0..<4).map { UInt8(truncatingIfNeeded: address >> UInt32(24 - $0 * 8)) }
        case .ipv6(let address, _, _):
            (0..<16).map { UInt8(truncatingIfNeeded: address >> UInt128(120 - $0 * 8)) }
        }
    }
}
