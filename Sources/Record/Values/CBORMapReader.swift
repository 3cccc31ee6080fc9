/// A map that is being read.
struct CBORMapReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let map: CBORReader

    init(_ reader: CBORReader) throws {
        guard reader.document[reader.index].kind == .map else {
            throw reader.mismatch([String: Any].self)
        }
        map = reader
    }

    var codingPath: [any CodingKey] { map.codingPath }

    /// Keys that are no UTF-8, or not of this kind, are left out.
    var allKeys: [Key] {
        var keys: [Key] = []
        var index = map.index + 1
        let end = map.document.next(after: map.index)
        while index < end {
            if let key = map.document.text(of: index).flatMap(Key.init(stringValue:)) {
                keys.append(key)
            }
            index = map.document.next(after: index + 1)
        }
        return keys
    }

    private func find(_ key: Key) -> CBORReader? {
        map.document.value(under: key.stringValue, in: map.index)
            .map { CBORReader(map.document, $0) }
    }

    private func item(_ key: Key) throws -> CBORReader {
        if let item = find(key) { return item }
        throw DecodingError.keyNotFound(
            key, DecodingError.Context(codingPath: codingPath, debugDescription: "is missing"))
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try item(key).decodeNil() }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try item(key).decode(type) }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try item(key).decode(type)
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try item(key).decode(type)
    }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        try item(key).decode(type)
    }

    func decode<Value: Decodable & FixedWidthInteger>(
        _ type: Value.Type, forKey key: Key
    ) throws -> Value {
        try item(key).decode(type)
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try item(key).read(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try item(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try item(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { throw map.corrupted("no superclass") }

    func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder() }
}
