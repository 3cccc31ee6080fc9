import Kernel
import SteeringABI

/// The hashes by which the program knows what is not a 4-tuple: see sessions.bpf.h.
struct KeyHashes {
    private static let isHandshake: UInt64 = 1 << 63
    private static let isAddress: UInt64 = 1 << 62
    private static let isOwner: UInt64 = 1 << UInt64(RELEVO_OWNER_SHIFT)

    let key: (UInt64, UInt64)
    /// The listener's number, where the program's words have it.
    private let member: UInt64

    init(_ key: (UInt64, UInt64), member: Int) {
        self.key = key
        self.member = UInt64(member) << UInt64(RELEVO_MEMBER_SHIFT)
    }

    /// Of an id of 1 to 20 bytes.
    func id(_ id: [UInt8]) -> UInt64 {
        var words = [Self.word(id, 0)]
        if id.count > 8 { words.append(Self.word(id, 8)) }
        let rest = id.count > 16 ? Self.word(id, 16) & 0xffff_ffff : 0
        words.append(rest | member << 16 | UInt64(id.count) << 56)
        return hash(words)
    }

    /// Of eight bytes that tell their worker.
    func owner(_ bytes: [UInt8]) -> UInt64 { hash([Self.word(bytes, 0), member | Self.isOwner]) }

    /// Of a handshake by the client's own id; bit 0 is set where that says little.
    func handshake(tuple: UInt64, own: [UInt8]) -> UInt64 {
        let hash = hash([
            tuple, Self.word(own, 0), UInt64(own.count) << 56 | Self.isHandshake,
        ])
        return hash & ~1 | (own.count < 4 ? 1 : 0)
    }

    /// Of any handshake of a 4-tuple.
    func handshake(tuple: UInt64) -> UInt64 { hash([tuple, member | Self.isHandshake]) | 1 }

    /// Of the client's address, of IPv6 its /64.
    func address(of flow: FlowTuple) -> UInt64 {
        switch flow.peer {
        case .ipv4(let address, _):
            return hash([UInt64(address.bigEndian), member | Self.isAddress])
        case .ipv6(let address, _, _):
            let high = UInt64(truncatingIfNeeded: address >> 64).bigEndian
            return hash([high, member | Self.isAddress | 1 << 32])
        }
    }

    private func hash(_ words: [UInt64]) -> UInt64 { FlowHash(ofWords: words, key: key).value }

    /// Eight bytes as they lie in memory, zeros behind the end.
    static func word(_ bytes: [UInt8], _ first: Int) -> UInt64 {
        var word: UInt64 = 0
        for (at, byte) in bytes.dropFirst(first).prefix(8).enumerated() {
            word |= UInt64(byte) << UInt64(8 * at)
        }
        return word
    }
}
