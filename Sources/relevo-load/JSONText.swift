/// A JSON value that is written out, its fields in the order they are given.
enum JSONText: CustomStringConvertible {
    case text(String)
    case number(Double)
    case count(UInt64)
    case flag(Bool)
    case list([JSONText])
    case members([Member])

    // A type of its own, for Swift 6.2 takes no enumeration with tuples of itself.
    struct Member {
        let name: String
        let value: JSONText
    }

    static func object(_ members: [(String, JSONText)]) -> JSONText {
        .members(members.map(Member.init))
    }

    var description: String {
        switch self {
        case .text(let text): "\"\(Self.escaped(text))\""
        case .number(let number): number.isFinite ? "\(number)" : "null"
        case .count(let count): "\(count)"
        case .flag(let flag): "\(flag)"
        case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        case .members(let members):
            "{ \(members.map { "\"\(Self.escaped($0.name))\": \($0.value)" }.joined(separator: ", ")) }"
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
