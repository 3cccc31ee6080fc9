/// What a worker makes ids with that lead to its slot: nobody can who does not have the key.
///
/// It is good for one stay of a socket in the slot. The next one has another key and another number.
package struct SlotSeal: Equatable, Sendable {
    /// The number of the stay, 1 to 4095.
    package let stay: Int
    /// Of SipHash-1-3.
    package let key: (UInt64, UInt64)

    package init(stay: Int, key: (UInt64, UInt64)) {
        self.stay = stay
        self.key = key
    }

    package static func == (one: SlotSeal, other: SlotSeal) -> Bool {
        one.stay == other.stay && one.key == other.key
    }
}
