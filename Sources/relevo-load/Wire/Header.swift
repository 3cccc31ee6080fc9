/// The fixed part of each datagram, 64 bytes of words in network order; the rest is padding that is
/// sent back.
enum Header {
    static let size = 64
    /// "RLVO".
    static let magic: UInt32 = 0x524c_564f
    static let version: UInt32 = 1

    /// What a datagram is; the second word's upper half.
    enum Kind: UInt32 {
        case request = 1
        case answer = 2
    }

    /// Where each word stands.
    enum Offset {
        static let magic = 0
        /// The version in the lower half, the kind in the upper.
        static let kind = 4
        /// The flow's number, never used twice in a run.
        static let flow = 8
        /// The datagram's number in its flow, from 0.
        static let sequence = 16
        /// When it was sent, by the client's CLOCK_MONOTONIC in nanoseconds.
        static let sent = 24
        /// The answering process's generation, 0 for one that has none.
        static let generation = 32
        static let worker = 36
        static let process = 40
        /// The datagrams of the flow that the answering process has seen, this one included.
        static let count = 48
        /// The client's run, so that a server tells runs apart.
        static let run = 56
    }

    /// The word of a kind.
    static func word(_ kind: Kind) -> UInt32 { version | kind.rawValue << 16 }
}
