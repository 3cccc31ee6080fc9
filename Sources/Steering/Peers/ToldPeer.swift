import Kernel
import SteeringABI

/// One datagram of a known flow, as the program tells of it while somebody looks: see SteeringABI.h.
package struct ToldPeer: Sendable {
    /// What tells a 4-tuple from others; the same for each datagram of a flow.
    package struct Key: Hashable, Sendable {
        fileprivate let words: InlineKey
    }

    fileprivate struct InlineKey: Hashable, Sendable {
        let member, source0, source1, local0, local1, ports: UInt64
    }

    private let words: InlineArray<11, UInt64>

    /// - Parameter words: as the program wrote them; nil for another number of them.
    package init?(words: [UInt64]) {
        guard words.count == Int(RELEVO_PEER_WORDS) else { return nil }
        self.words = InlineArray { words[$0] }
    }

    /// Reads as many words from there.
    init(loading place: UnsafeRawPointer) {
        words = InlineArray { unsafe place.load(fromByteOffset: $0 * 8, as: UInt64.self) }
    }

    /// When it came, by the monotonic clock.
    package var time: Duration { .nanoseconds(Int64(clamping: words[0])) }
    /// The number of the stay that its flow is pinned to, without what tells an id.
    var placement: Int { Int(words[1] & 0xffff) }
    /// The listener's number in the table.
    var member: Int { Int(words[1] >> 16 & 0xffff) }

    package var key: Key {
        Key(
            words: InlineKey(
                member: words[1] >> 16, source0: words[2], source1: words[3], local0: words[4],
                local1: words[5], ports: words[6] & 0xffff_ffff))
    }

    /// Where it came from and where it arrived; nil for what is of no family.
    package var flow: FlowTuple? {
        let source = UInt16(truncatingIfNeeded: words[6]).bigEndian
        let target = UInt16(truncatingIfNeeded: words[6] >> 16).bigEndian
        switch words[1] >> 32 {
        case 4:
            let addresses = words[2]
            return FlowTuple(
                peer: .ipv4(UInt32(truncatingIfNeeded: addresses).bigEndian, port: source),
                local: .ipv4(UInt32(truncatingIfNeeded: addresses >> 32).bigEndian, port: target))
        case 6:
            return FlowTuple(
                peer: .ipv6(address(at: 2), port: source, scope: 0),
                local: .ipv6(address(at: 4), port: target, scope: 0))
        default: return nil
        }
    }

    private func address(at word: Int) -> UInt128 {
        UInt128(words[word].bigEndian) << 64 | UInt128(words[word + 1].bigEndian)
    }

    /// The first bytes of its payload, where they were told.
    var payload: [UInt8] {
        let bytes = (7..<Int(RELEVO_PEER_WORDS)).flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: words[word] >> UInt64(8 * $0)) }
        }
        return Array(bytes.prefix(payloadSize))
    }

    /// By the UDP header, which says how long it is with it.
    var payloadSize: Int {
        max(0, Int(UInt16(truncatingIfNeeded: words[6] >> 32).bigEndian) - 8)
    }
}
