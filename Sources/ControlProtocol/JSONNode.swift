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
        if case .array(let elements) = kind {
            kind = .array(elements + [node])
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

    /// - Parameter indent: the spaces of this level, nil for everything on one line.
    func write(to text: inout String, indent: Int?) {
        switch kind {
        case .literal(let literal): text += literal
        case .string(let string): JSONNode.write(string, to: &text)
        case .array(let elements):
            // Short rows of plain values read better on one line.
            let flat = elements.allSatisfy(\.isPlain)
            JSONNode.write(elements, between: "[", "]", to: &text, indent: flat ? nil : indent) {
                $0.write(to: &$1, indent: $2)
            }
        case .object(let fields):
            let flat = fields.allSatisfy(\.value.isPlain) && fields.count <= 6
            JSONNode.write(fields, between: "{", "}", to: &text, indent: flat ? nil : indent) {
                JSONNode.write($0.key, to: &$1)
                $1 += indent == nil ? ":" : ": "
                $0.value.write(to: &$1, indent: $2)
            }
        }
    }

    private var isPlain: Bool {
        switch kind {
        case .literal, .string: true
        case .array, .object: false
        }
    }

    private static func write<Item>(
        _ items: [Item], between open: String, _ close: String, to text: inout String,
        indent: Int?, _ body: (Item, inout String, Int?) -> Void
    ) {
        text += open
        let inner = indent.map { $0 + 2 }
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            body(item, &text, inner)
        }
        if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
        text += close
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
