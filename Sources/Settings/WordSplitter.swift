/// Reads the words of one value, byte by byte.
struct WordSplitter {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) { rest = Array(text.utf8)[...] }

    mutating func words() throws(ValueError) -> [String] {
        var words: [String] = []
        while true {
            rest = rest.drop(while: WordSplitter.isSpace)
            if rest.isEmpty { return words }
            words.append(try word())
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    private mutating func word() throws(ValueError) -> String {
        var bytes: [UInt8] = []
        var quote: UInt8?
        while let byte = rest.first {
            if quote == nil, WordSplitter.isSpace(byte) { break }
            rest.removeFirst()
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "\\") {
                bytes += try escape()
            } else {
                bytes.append(byte)
            }
        }
        if let quote {
            throw ValueError("the quote \(Character(Unicode.Scalar(quote))) is not closed")
        }
        guard let word = String(validating: bytes, as: UTF8.self) else {
            throw ValueError("an escape makes bytes that are not UTF-8")
        }
        return word
    }

    private mutating func escape() throws(ValueError) -> [UInt8] {
        guard let kind = rest.popFirst() else {
            throw ValueError("a backslash ends the value; write \\\\ for a backslash")
        }
        switch kind {
        case UInt8(ascii: "a"): return [0x07]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "v"): return [0x0b]
        case UInt8(ascii: "s"): return [0x20]
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return [kind]
        case UInt8(ascii: "x"): return [UInt8(truncatingIfNeeded: try number(2, radix: 16, "\\x"))]
        case UInt8(ascii: "u"): return try scalar(try number(4, radix: 16, "\\u"))
        case UInt8(ascii: "U"): return try scalar(try number(8, radix: 16, "\\U"))
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            rest = [kind] + rest
            let value = try number(3, radix: 8, "\\")
            guard value < 256 else { throw ValueError("an octal escape is above \\377") }
            return [UInt8(truncatingIfNeeded: value)]
        default:
            let shown = String(decoding: [kind], as: UTF8.self)
            throw ValueError("unknown escape \\\(shown); write \\\\ for a backslash")
        }
    }

    private mutating func number(
        _ count: Int, radix: Int, _ name: String
    ) throws(ValueError) -> UInt32 {
        let digits = String(decoding: rest.prefix(count), as: UTF8.self)
        guard digits.utf8.count == count, digits.utf8.allSatisfy({ $0 != 0x2b && $0 != 0x2d }),
            let value = UInt32(digits, radix: radix)
        else { throw ValueError("\(name) needs \(count) digits of base \(radix)") }
        guard value != 0 else { throw ValueError("a NUL byte cannot be part of a word") }
        rest = rest.dropFirst(count)
        return value
    }

    private func scalar(_ value: UInt32) throws(ValueError) -> [UInt8] {
        guard let scalar = Unicode.Scalar(value) else {
            throw ValueError("an escape names no Unicode character")
        }
        return Array(String(scalar).utf8)
    }
}
