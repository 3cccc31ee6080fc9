/// What a worker makes ids of sessions with that lead to one of its sockets.
package struct IDSeal: Equatable, Sendable {
    /// The stay of the socket in its slot, 1 to 4095.
    package let stay: Int
    /// Of SipHash-1-3, its low half first.
    package let key: (UInt64, UInt64)

    package init(stay: Int, key: (UInt64, UInt64)) {
        self.stay = stay
        self.key = key
    }

    package static func == (one: IDSeal, other: IDSeal) -> Bool {
        one.stay == other.stay && one.key == other.key
    }

    private static let stays = 1...4095
    /// Hexadecimal digits of a key.
    private static let digits = 32
    /// As many bytes as one takes at most in `IDS=`, with the space before it.
    static let longest = 1 + 4 + 1 + digits

    /// One word of `IDS=`; `-` for none.
    static func text(of seal: IDSeal?) -> String {
        guard let seal else { return "-" }
        return "\(seal.stay):\(hex(seal.key.0))\(hex(seal.key.1))"
    }

    /// Reads one word of `IDS=`.
    static func parse(_ word: Substring) throws(ChannelFault) -> IDSeal? {
        if word == "-" { return nil }
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].first != "0", let stay = number(parts[0], radix: 10),
            stays ~= Int(stay), parts[1].utf8.count == digits,
            let low = number(parts[1].prefix(digits / 2), radix: 16),
            let high = number(parts[1].dropFirst(digits / 2), radix: 16)
        else { throw ChannelFault(.key, "IDS= is not a list of stays, each with its key") }
        return IDSeal(stay: Int(stay), key: (low, high))
    }

    /// Digits alone, without a sign.
    private static func number(_ text: Substring, radix: Int) -> UInt64? {
        guard text.first != "+", text.count <= 16 else { return nil }
        return UInt64(text, radix: radix)
    }

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
