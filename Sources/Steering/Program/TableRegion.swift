import SteeringABI

/// Which buckets flows are kept in, as the program reads it in one word: sizes in bits of a
/// bucket's number.
struct TableRegion: Equatable {
    /// Where new flows go.
    let bits: Int
    /// What flows are being moved out of: the region before, and the one before that when the
    /// program had to grow in the middle of a move.
    let leaving: [Int]

    init(bits: Int, leaving: [Int] = []) {
        self.bits = bits
        self.leaving = leaving
    }

    init(word: UInt64) {
        bits = Int(word & 0xff)
        leaving = [8, 16].map { Int(word >> UInt64($0) & 0xff) }.filter { $0 != 0 }
    }

    var word: UInt64 { leaving.reversed().reduce(0) { $0 << 8 | UInt64($1) } << 8 | UInt64(bits) }
    /// All ones: a bucket's number is the low bits of a candidate.
    var mask: UInt32 { UInt32(1) << UInt32(bits) - 1 }
    var isMoving: Bool { !leaving.isEmpty }
    /// Buckets to look through for everything that is kept.
    var buckets: Int { 1 << leaving.reduce(bits, max) }
}
