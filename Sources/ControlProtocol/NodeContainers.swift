/// An object's fields, in the order they come.
struct KeyedNodeContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: NodeEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { _ = encoder.node.addField(key.stringValue) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try encoder.inside(encoder.node.addField(key.stringValue)).encode(value)
    }

    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        try encodeOrNull(value, forKey: key)
    }

    // Without these the protocol's own defaults, which leave nil out, are the better match.
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
        try encodeOrNull(value, forKey: key)
    }

    func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
        try encodeOrNull(value, forKey: key)
    }

    func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
        try encodeOrNull(value, forKey: key)
    }

    func encodeIfPresent(_ value: String?, forKey key: Key) throws {
        try encodeOrNull(value, forKey: key)
    }

    private func encodeOrNull<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        if let value {
            try encode(value, forKey: key)
        } else if encoder.nulls {
            encodeNil(forKey: key)
        }
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder.inside(encoder.node.addField(key.stringValue)).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.inside(encoder.node.addField(key.stringValue)).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.inside(encoder.node.addField("super")) }

    func superEncoder(forKey key: Key) -> any Encoder {
        encoder.inside(encoder.node.addField(key.stringValue))
    }
}

/// An array's elements.
struct UnkeyedNodeContainer: UnkeyedEncodingContainer {
    let encoder: NodeEncoder
    private(set) var count = 0
    var codingPath: [any CodingKey] { [] }

    init(encoder: NodeEncoder) { self.encoder = encoder }

    private mutating func next() -> NodeEncoder {
        count += 1
        return encoder.inside(encoder.node.addElement())
    }

    mutating func encodeNil() { _ = next() }

    mutating func encode<Value: Encodable>(_ value: Value) throws { try next().encode(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        next().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        next().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { next() }
}
