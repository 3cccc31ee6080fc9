/// The major type of an item (RFC 8949, section 3.1), in the place in which it stands in the item's
/// first byte.
enum CBORKind: UInt8 {
    case unsigned = 0x00
    case negative = 0x20
    case bytes = 0x40
    case text = 0x60
    case array = 0x80
    case map = 0xa0
    case tag = 0xc0
    /// false, true, null and floating-point numbers.
    case simple = 0xe0
}

/// First bytes of simple values.
enum CBORSimple {
    static let no: UInt8 = 0xf4
    static let yes: UInt8 = 0xf5
    static let null: UInt8 = 0xf6
    static let single: UInt8 = 0xfa
    static let double: UInt8 = 0xfb
}

/// A key that only stands in a path or for an element.
struct CBORKey: CodingKey {
    let stringValue: String
    var intValue: Int? { Int(stringValue) }

    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) { stringValue = "\(intValue)" }
}
