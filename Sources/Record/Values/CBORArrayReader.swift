/// An array that is being read.
struct CBORArrayReader: UnkeyedDecodingContainer {
    private let array: CBORReader
    private let end: Int
    private var at: Int
    private(set) var currentIndex = 0

    init(_ reader: CBORReader) throws {
        guard reader.document[reader.index].kind == .array else {
            throw reader.mismatch([Any].self)
        }
        array = reader
        at = reader.index + 1
        end = reader.document.next(after: reader.index)
    }

    var codingPath: [any CodingKey] { array.codingPath }
    var count: Int? { Int(array.document[array.index].argument) }
    var isAtEnd: Bool { at >= end }

    private var item: CBORReader {
        get throws {
            guard !isAtEnd else {
                throw DecodingError.valueNotFound(
                    Any.self,
                    DecodingError.Context(
                        codingPath: codingPath, debugDescription: "too few elements"))
            }
            return CBORReader(array.document, at)
        }
    }

    /// Moves on only when the element could be read.
    private mutating func taking<Value>(_ read: (CBORReader) throws -> Value) throws -> Value {
        let item = try item
        let value = try read(item)
        at = item.document.next(after: item.index)
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard try item.decodeNil() else { return false }
        return try taking { $0.decodeNil() }
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try taking { try $0.decode(type) } }

    mutating func decode(_ type: String.Type) throws -> String {
        try taking { try $0.decode(type) }
    }

    mutating func decode(_ type: Double.Type) throws -> Double {
        try taking { try $0.decode(type) }
    }

    mutating func decode(_ type: Float.Type) throws -> Float { try taking { try $0.decode(type) } }

    mutating func decode<Value: Decodable & FixedWidthInteger>(
        _ type: Value.Type
    ) throws -> Value {
        try taking { try $0.decode(type) }
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try taking { try $0.read(type) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try taking { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try taking { try $0.unkeyedContainer() }
    }

    func superDecoder() throws -> any Decoder { throw array.corrupted("no superclass") }
}
