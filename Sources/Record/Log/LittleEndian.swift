extension Span<UInt8> {
    func little32(_ at: Int) -> UInt32 {
        let word = extracting(at..<at + 4)
        return UInt32(word[0]) | UInt32(word[1]) << 8 | UInt32(word[2]) << 16
            | UInt32(word[3]) << 24
    }

    func little64(_ at: Int) -> UInt64 {
        let word = extracting(at..<at + 8)
        let low =
            UInt64(word[0]) | UInt64(word[1]) << 8 | UInt64(word[2]) << 16
            | UInt64(word[3]) << 24
        let high =
            UInt64(word[4]) | UInt64(word[5]) << 8 | UInt64(word[6]) << 16
            | UInt64(word[7]) << 24
        return low | high << 32
    }
}

extension [UInt8] {
    mutating func append(little number: some FixedWidthInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Overwrites bytes that are there.
    mutating func put(_ number: some FixedWidthInteger, at offset: Int) {
        var rest = number
        for place in offset..<offset + number.bitWidth / 8 {
            self[place] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
    }

    mutating func appendVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small numbers of either sign are short.
    mutating func appendZigzag(_ number: Int) {
        appendVarint(UInt64(bitPattern: Int64(number << 1 ^ number >> 63)))
    }
}
