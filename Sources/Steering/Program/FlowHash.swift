import Kernel
import SteeringABI

/// The hash by which the program knows a flow: SipHash-1-3 of its addresses and the peer's port, as
/// siphash.bpf.h and flows.bpf.h have it.
///
/// The listener's number is in it: the same addresses are another flow at another listener.
struct FlowHash: Equatable {
    let value: UInt64

    init(of flow: FlowTuple, at member: Int, key: (UInt64, UInt64)) {
        var state = State(key)
        switch (flow.peer, flow.local) {
        case (.ipv4(let source, _), .ipv4(let local, _)):
            // Eight bytes of the header at once, in the order in which they lie there.
            state.add(UInt64(source.bigEndian) | UInt64(local.bigEndian) << 32)
        case (.ipv6(let source, _, _), .ipv6(let local, _, _)):
            for address in [source, local] {
                state.add(UInt64(truncatingIfNeeded: address >> 64).bigEndian)
                state.add(UInt64(truncatingIfNeeded: address).bigEndian)
            }
        case (.ipv4, .ipv6), (.ipv6, .ipv4):
            preconditionFailure("a flow is of one family")
        }
        state.add(
            UInt64(flow.peer.port.bigEndian) | UInt64(member) << UInt64(RELEVO_MEMBER_SHIFT))
        value = state.finished()
    }

    /// Of the words that a key consists of.
    init(ofWords words: [UInt64], key: (UInt64, UInt64)) {
        var state = State(key)
        for word in words { state.add(word) }
        value = state.finished()
    }

    /// Of the cookie that ids begin with, as it stands in them.
    init(ofOwner cookie: UInt64, at member: Int, key: (UInt64, UInt64)) {
        var state = State(key)
        state.add(cookie)
        state.add(
            UInt64(member) << UInt64(RELEVO_MEMBER_SHIFT) | 1 << UInt64(RELEVO_OWNER_SHIFT))
        value = state.finished()
    }

    /// The tag of a copy for a placement.
    init(ofCopy flow: FlowHash, for placement: Int, at member: Int, key: (UInt64, UInt64)) {
        var state = State(key)
        state.add(flow.value ^ UInt64(placement))
        state.add(
            UInt64(member) << UInt64(RELEVO_MEMBER_SHIFT)
                | UInt64(RELEVO_COPY) << UInt64(RELEVO_COPY_SHIFT))
        value = state.finished()
    }

    private struct State {
        private var v0, v1, v2, v3: UInt64

        init(_ key: (UInt64, UInt64)) {
            v0 = key.0 ^ 0x736f_6d65_7073_6575
            v1 = key.1 ^ 0x646f_7261_6e64_6f6d
            v2 = key.0 ^ 0x6c79_6765_6e65_7261
            v3 = key.1 ^ 0x7465_6462_7974_6573
        }

        mutating func add(_ word: UInt64) {
            v3 ^= word
            round()
            v0 ^= word
        }

        mutating func finished() -> UInt64 {
            v2 ^= 0xff
            for _ in 0..<3 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        private mutating func round() {
            v0 &+= v1
            v1 = Self.rotate(v1, 13) ^ v0
            v0 = Self.rotate(v0, 32)
            v2 &+= v3
            v3 = Self.rotate(v3, 16) ^ v2
            v0 &+= v3
            v3 = Self.rotate(v3, 21) ^ v0
            v2 &+= v1
            v1 = Self.rotate(v1, 17) ^ v2
            v2 = Self.rotate(v2, 32)
        }

        private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
            word << count | word >> (64 - count)
        }
    }
}
