/// A JSON value that is being put together; shared by the containers that fill it.
final class JSONNode {
    enum Kind {
        /// null, true, false or a number, as it is written.
        case literal(String)
        case string(String)
        case array([JSONNode])
        case object([(key: String, value: JSONNode)])
    }

    var kind = Kind.literal("null")

    func addElement() -> JSONNode {
        let node = JSONNode()
        if case .array(var elements) = kind {
            // Let go of first, so that it is not copied.
            kind = .literal("null")
            elements.append(node)
            kind = .array(elements)
        } else {
            kind = .array([node])
        }
        return node
    }

    func addField(_ key: String) -> JSONNode {
        let node = JSONNode()
        if case .object(var fields) = kind {
            kind = .literal("null")
            fields.append((key, node))
            kind = .object(fields)
        } else {
            kind = .object([(key, node)])
        }
        return node
    }

    func write(to bytes: inout [UInt8]) {
        switch kind {
        case .literal(let literal): bytes += literal.utf8
        case .string(let string): JSONNode.write(string, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let fields):
            bytes.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONNode.write(field.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                field.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var rest = string.utf8[...]
        // What needs no escape goes in one piece.
        while let special = rest.firstIndex(where: { escape(of: $0) != nil }) {
            bytes += rest[..<special]
            bytes += (escape(of: rest[special]) ?? "").utf8
            rest = rest[rest.index(after: special)...]
        }
        bytes += rest
        bytes.append(UInt8(ascii: "\""))
    }

    /// How a byte of UTF-8 is written; nil where it stands for itself.
    private static func escape(of byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        case 0..<0x20, 0x7f:
            "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        default: nil
        }
    }
}
