// The channel's text is handled as bytes: a String would bring tables of Unicode into the C library.

extension [UInt8] {
    mutating func append(text: StaticString) {
        text.withUTF8Buffer { buffer in unsafe append(contentsOf: buffer) }
    }

    mutating func append(number: UInt64) {
        var digits: [UInt8] = []
        var rest = number
        repeat {
            digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        append(contentsOf: digits.reversed())
    }
}

extension ArraySlice<UInt8> {
    /// 1 to 19 digits without sign, spaces or leading zeros; else nil.
    var number: UInt64? {
        guard (1...19).contains(count), count == 1 || first != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt64 = 0
        for byte in self {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    func equals(_ word: StaticString) -> Bool {
        word.withUTF8Buffer { buffer in unsafe elementsEqual(buffer) }
    }

    /// What stands after the word, or nil if it does not begin with it.
    func after(_ word: StaticString) -> ArraySlice<UInt8>? {
        let isStart = word.withUTF8Buffer { buffer in unsafe starts(with: buffer) }
        return isStart ? dropFirst(word.utf8CodeUnitCount) : nil
    }

    /// What stands before and after the first such byte.
    func cut(at byte: UInt8) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        firstIndex(of: byte).map { (self[..<$0], self[($0 + 1)...]) }
    }
}
