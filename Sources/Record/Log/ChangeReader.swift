/// Reads the changes of a payload, one after the other.
struct ChangeReader {
    private let bytes: [UInt8]
    private var at: Int
    private let end: Int
    /// It has met bytes that no writer writes; there is no next change then.
    private(set) var isBroken = false

    /// Reads these bytes of an area.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
    }

    mutating func next() -> RecordChange? {
        guard at < end, !isBroken else { return nil }
        guard let size = varint(), let kind = varint(), let kind = UInt16(exactly: kind),
            let first = zigzag(), let second = zigzag(), let third = zigzag(),
            size <= UInt64(RecordLayout.longestValue) + 1
        else { return broken() }
        let key = RecordKey(kind: kind, first, second, third)
        guard size > 0 else { return .removed(key) }
        let length = Int(size) - 1
        guard length <= end - at else { return broken() }
        defer { at += length }
        return .set(key, Array(bytes[at..<at + length]))
    }

    private mutating func broken() -> RecordChange? {
        isBroken = true
        return nil
    }

    private mutating func zigzag() -> Int? {
        varint().map { Int(truncatingIfNeeded: $0 >> 1) ^ -Int(truncatingIfNeeded: $0 & 1) }
    }

    private mutating func varint() -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = bytes[at]
            at += 1
            // The tenth byte has room for one bit, and no last byte but a lone one is 0.
            guard shift < 63 || byte <= 1, byte != 0 || shift == 0 else { return nil }
            number |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return number }
            shift += 7
        }
        return nil
    }
}
