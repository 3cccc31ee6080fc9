/// Cuts a value out of JSON as it stands, so that fields unknown here reach the reader.
///
/// The text must have been decoded once: nothing is checked here, only never read past the end.
package enum RawJSON {
    /// The bytes of the value under these keys, one inside the other; nil where there is none.
    package static func value(under keys: [String], in json: [UInt8]) -> [UInt8]? {
        var found = json[...]
        for key in keys {
            guard let inner = field(key, of: found) else { return nil }
            found = inner
        }
        return Array(found)
    }

    /// The first element of an array; nothing where there is none.
    package static func first(of array: [UInt8]) -> [UInt8] {
        var rest = array[...].drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: "[") else { return [] }
        rest = rest.drop(while: isSpace)
        return Array(rest.prefix(valueLength(rest)))
    }

    /// The same JSON over many lines, indented by two spaces.
    package static func indented(_ json: [UInt8]) -> String {
        var result: [UInt8] = []
        var depth = 0
        var rest = json[...]
        func newLine() { result += [0x0a] + [UInt8](repeating: 0x20, count: 2 * depth) }
        while let byte = rest.first {
            if byte == UInt8(ascii: "\"") {
                let string = rest.prefix(stringLength(rest))
                result += string
                rest = rest.dropFirst(string.count)
                continue
            }
            rest.removeFirst()
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                result.append(byte)
                rest = rest.drop(while: isSpace)
                if let next = rest.first, next == byte + 2 {
                    result.append(next)
                    rest.removeFirst()
                } else {
                    depth += 1
                    newLine()
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                newLine()
                result.append(byte)
            case UInt8(ascii: ","):
                result.append(byte)
                newLine()
            case UInt8(ascii: ":"): result += [byte, 0x20]
            default: if !isSpace(byte) { result.append(byte) }
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The value of the last field of this name, which is the one that decoders take.
    private static func field(_ key: String, of object: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = object.drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: "{") else { return nil }
        let wanted = Array("\"\(key)\"".utf8)
        var found: ArraySlice<UInt8>?
        while true {
            rest = rest.drop { isSpace($0) || $0 == UInt8(ascii: ",") }
            guard rest.first == UInt8(ascii: "\"") else { return found }
            let name = rest.prefix(stringLength(rest))
            rest = rest.dropFirst(name.count).drop { isSpace($0) || $0 == UInt8(ascii: ":") }
            let value = rest.prefix(valueLength(rest))
            guard !value.isEmpty else { return found }
            rest = rest.dropFirst(value.count)
            if name.elementsEqual(wanted) { found = value }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    /// The length of the string at the beginning, both quotes included.
    private static func stringLength(_ text: ArraySlice<UInt8>) -> Int {
        var escaped = false
        for (offset, byte) in text.enumerated().dropFirst() {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                return offset + 1
            }
        }
        return text.count
    }

    /// The length of the value at the beginning.
    private static func valueLength(_ text: ArraySlice<UInt8>) -> Int {
        var depth = 0
        var length = 0
        while length < text.count {
            let byte = text[text.startIndex + length]
            switch byte {
            case UInt8(ascii: "\""):
                length += stringLength(text.dropFirst(length))
                if depth == 0 { return length }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return length }
                depth -= 1
                if depth == 0 { return length + 1 }
            case UInt8(ascii: ","): if depth == 0 { return length }
            default: break
            }
            length += 1
        }
        return length
    }
}
