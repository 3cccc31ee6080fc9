// The channel's text is handled as bytes: a String would bring tables of Unicode into the C
// library, and slices a second copy of all that is generic.

extension [UInt8] {
    @inline(never)
    mutating func append(text: StaticString) {
        text.withUTF8Buffer { buffer in unsafe append(contentsOf: buffer) }
    }

    @inline(never)
    mutating func append(number: UInt64) {
        var power: UInt64 = 1
        while number / power > 9 { power *= 10 }
        while power > 0 {
            append(UInt8(ascii: "0") + UInt8(number / power % 10))
            power /= 10
        }
    }

    /// 1 to 19 digits without sign, spaces or leading zeros; else nil.
    @inline(never)
    var number: UInt64? {
        guard (1...19).contains(count), count == 1 || self[0] != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt64 = 0
        for byte in self {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    func equals(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount && starts(with: word, at: 0)
    }

    @inline(never)
    func starts(with word: StaticString, at start: Int) -> Bool {
        guard count - start >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount
        where unsafe word.utf8Start[index] != self[start + index] {
            return false
        }
        return true
    }

    @inline(never)
    func piece(_ start: Int, _ end: Int) -> [UInt8] {
        var piece: [UInt8] = []
        piece.reserveCapacity(end - start)
        for index in start..<end { piece.append(self[index]) }
        return piece
    }

    /// Where the byte is, or the end.
    @inline(never)
    func position(of byte: UInt8, from start: Int) -> Int {
        var index = start
        while index < count, self[index] != byte { index += 1 }
        return index
    }

    @inline(never)
    func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
