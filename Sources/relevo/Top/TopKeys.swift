/// What was typed.
enum TopKey: Equatable {
    case character(Character)
    case up, down, pageUp, pageDown, home, end
    case escape
}

/// Makes keys of what a terminal sends, which may be cut anywhere, and may be anything.
struct TopKeys {
    /// A longer sequence is none.
    private static let longest = 16
    private static let escape: UInt8 = 0x1b

    private var rest: [UInt8] = []
    /// Text that was pasted is no keys: what it is about nobody has looked at.
    private var isPasted = false

    /// The keys in these bytes and in what was left before.
    mutating func take(_ bytes: [UInt8]) -> [TopKey] {
        var input = (rest + bytes)[...]
        rest = []
        var keys: [TopKey] = []
        while let first = input.first {
            guard first == Self.escape else {
                input.removeFirst()
                if !isPasted, (0x20..<0x7f).contains(first) {
                    keys.append(.character(Character(Unicode.Scalar(first))))
                }
                continue
            }
            let body = input.dropFirst()
            guard let second = body.first else {
                // A key of its own: a sequence comes in one piece.
                if !isPasted { keys.append(.escape) }
                break
            }
            guard second == UInt8(ascii: "[") || second == UInt8(ascii: "O") else {
                input = body
                if !isPasted { keys.append(.escape) }
                continue
            }
            let sequence = body.dropFirst().prefix(Self.longest)
            guard let end = sequence.firstIndex(where: { (0x40...0x7e).contains($0) }) else {
                if sequence.count < Self.longest { rest = Array(input) }
                break
            }
            let text = String(decoding: sequence[...end], as: UTF8.self)
            switch text {
            case "200~": isPasted = true
            case "201~": isPasted = false
            default: if !isPasted, let key = Self.key(text) { keys.append(key) }
            }
            input = input[(end + 1)...]
        }
        return keys
    }

    private static func key(_ sequence: String) -> TopKey? {
        switch sequence {
        case "A": .up
        case "B": .down
        case "H", "1~", "7~": .home
        case "F", "4~", "8~": .end
        case "5~": .pageUp
        case "6~": .pageDown
        default: nil
        }
    }
}
