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

    func write(to text: inout String) {
        switch kind {
        case .literal(let literal): text += literal
        case .string(let string): JSONNode.write(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let fields):
            text += "{"
            for (index, field) in fields.enumerated() {
                if index > 0 { text += "," }
                JSONNode.write(field.key, to: &text)
                text += ":"
                field.value.write(to: &text)
            }
            text += "}"
        }
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
