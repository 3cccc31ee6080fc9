/// A rule as settings write it: `continue size=32 @0=04000000 id=4+4`.
extension PackRule: CustomStringConvertible {
    private static let mostConditions = 8
    private static let longestText = 512
    /// The largest payload of a UDP datagram.
    private static let largestDatagram = 65_507

    package init(parsing text: String) throws(PackError) {
        guard text.utf8.count <= Self.longestText else {
            throw PackError("a rule has at most \(Self.longestText) characters")
        }
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first, let role = Role(rawValue: first) else {
            let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw PackError("a rule begins with one of \(roles), not with '\(words.first ?? "")'")
        }
        var (size, id): (Int?, ID?)
        var conditions: [Condition] = []
        for word in words.dropFirst() {
            guard let equals = word.firstIndex(of: "=") else { throw Self.unknown(word) }
            let (name, value) = (word[..<equals], String(word[word.index(after: equals)...]))
            if name == "size" {
                guard size == nil else { throw PackError("size= stands twice") }
                size = try Self.number(value, "size=", in: 0...Self.largestDatagram)
            } else if name == "id" {
                guard id == nil else { throw PackError("id= stands twice") }
                id = try Self.id(value)
            } else if name.first == "@" {
                conditions.append(try Self.condition(String(name.dropFirst()), value))
            } else {
                throw Self.unknown(word)
            }
        }
        guard conditions.count <= Self.mostConditions else {
            throw PackError("a rule has at most \(Self.mostConditions) conditions")
        }
        if let contradiction = Self.contradiction(in: conditions) { throw contradiction }
        if role == .opens, id != nil {
            throw PackError(
                "'\(Role.opens.rawValue)' takes no id=: what may begin a session is not told by it")
        }
        self.init(role: role, size: size ?? 0, conditions: conditions, id: id)
    }

    package var description: String {
        var words = [role.rawValue]
        if size > 0 { words.append("size=\(size)") }
        words += conditions.map(\.description)
        if let id { words.append("id=\(id.offset)+\(id.length)") }
        return words.joined(separator: " ")
    }

    private static func unknown(_ word: String) -> PackError {
        PackError("'\(word)' is none of size=BYTES, @OFFSET=HEX[/MASK], id=OFFSET+LENGTH")
    }

    private static func condition(
        _ offset: String, _ text: String
    ) throws(PackError) -> Condition {
        let offset = try number(offset, "@", in: 0...Pack.window - 1)
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let value = hex(parts[0]), !value.isEmpty else {
            throw PackError(
                "'\(text)' is not bytes in hexadecimal, as 04000000, or with a mask, 30/f0")
        }
        var mask: [UInt8]?
        if parts.count == 2 {
            guard let bytes = hex(parts[1]), bytes.count == value.count else {
                throw PackError("the mask '\(parts[1])' has not as many digits as '\(parts[0])'")
            }
            guard zip(value, bytes).allSatisfy({ $0 & ~$1 == 0 }) else {
                throw PackError(
                    "'\(text)' never holds: the value has bits that the mask leaves out")
            }
            mask = bytes
        }
        let condition = Condition(offset: offset, value: value, mask: mask)
        guard condition.end <= Pack.window else {
            throw PackError(
                "a rule sees the first \(Pack.window) bytes; '@\(offset)=\(text)' ends behind")
        }
        return condition
    }

    /// Two conditions of which only one can hold.
    private static func contradiction(in conditions: [Condition]) -> PackError? {
        var known: [Int: (value: UInt8, mask: UInt8)] = [:]
        for condition in conditions {
            for (at, byte) in zip(condition.value, condition.mask).enumerated() {
                let place = condition.offset + at
                let other = known[place] ?? (0, 0)
                if (other.value ^ byte.0) & other.mask & byte.1 != 0 {
                    return PackError("the rule never holds: two conditions of byte \(place) differ")
                }
                known[place] = (other.value | byte.0, other.mask | byte.1)
            }
        }
        return nil
    }

    private static func id(_ text: String) throws(PackError) -> ID {
        guard let plus = text.firstIndex(of: "+") else {
            throw PackError("'\(text)' is not OFFSET+LENGTH, as 4+4, 6+byte:5 or 11+set")
        }
        let offset = try number(String(text[..<plus]), "id=", in: 0...Pack.window - 1)
        let length = String(text[text.index(after: plus)...])
        if length == "set" { return ID(offset: offset, length: .set) }
        if length.hasPrefix("byte:") {
            let at = try number(String(length.dropFirst(5)), "byte:", in: 0...Pack.window - 1)
            return ID(offset: offset, length: .byte(at: at))
        }
        if length.hasPrefix("until:") {
            throw PackError(
                "the end of an id cannot be searched for in the kernel; its length is a number, byte:OFFSET or set"
            )
        }
        let count = try number(length, "the length of an id", in: 1...Pack.longestID)
        guard offset + count <= Pack.window else {
            throw PackError("a rule sees the first \(Pack.window) bytes; the id ends behind")
        }
        return ID(offset: offset, length: .bytes(count))
    }

    /// Digits alone.
    static func number(
        _ text: String, _ what: String, in range: ClosedRange<Int>
    ) throws(PackError) -> Int {
        let areDigits = !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
        guard areDigits, let value = Int(text), range.contains(value) else {
            throw PackError(
                "\(what) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'"
            )
        }
        return value
    }

    private static func hex(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0 }
        return stride(from: 0, to: values.count, by: 2).map {
            UInt8(values[$0] << 4 | values[$0 + 1])
        }
    }
}

extension PackRule.Condition: CustomStringConvertible {
    package var description: String {
        let all = mask.allSatisfy { $0 == 0xff }
        return "@\(offset)=\(Self.text(value))" + (all ? "" : "/\(Self.text(mask))")
    }

    private static func text(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension PackRule.Length: CustomStringConvertible {
    package var description: String {
        switch self {
        case .bytes(let count): "\(count)"
        case .byte(let at): "byte:\(at)"
        case .set: "set"
        }
    }
}
