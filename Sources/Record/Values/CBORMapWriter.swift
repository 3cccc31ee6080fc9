/// A map that is being written.
struct CBORMapWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let writer: CBORWriter
    private let depth: Int
    private let identity: Int

    init(_ writer: CBORWriter, _ depth: Int, _ identity: Int) {
        self.writer = writer
        self.depth = depth
        self.identity = identity
    }

    var codingPath: [any CodingKey] { [] }

    private func enter(_ key: Key) { writer.key(key.stringValue, at: depth, of: identity) }

    func encodeNil(forKey key: Key) {
        enter(key)
        writer.writeNull()
    }

    func encode(_ value: Bool, forKey key: Key) {
        enter(key)
        writer.write(value)
    }

    func encode(_ value: String, forKey key: Key) {
        enter(key)
        writer.write(value)
    }

    func encode(_ value: Double, forKey key: Key) {
        enter(key)
        writer.write(value)
    }

    func encode(_ value: Float, forKey key: Key) {
        enter(key)
        writer.write(Double(value))
    }

    func encode<Value: Encodable & FixedWidthInteger>(_ value: Value, forKey key: Key) {
        enter(key)
        writer.write(integer: value)
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        enter(key)
        try writer.write(value)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        enter(key)
        return CBORItemWriter(writer).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        enter(key)
        return CBORItemWriter(writer).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { writer.refusingSuperclass() }

    func superEncoder(forKey key: Key) -> any Encoder { writer.refusingSuperclass() }
}
