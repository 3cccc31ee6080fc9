extension CBORWriter {
    /// Writes any value as one item.
    @inline(__always)
    func write<Value: Encodable>(_ value: Value) throws {
        if Value.self == [UInt8].self, let value = value as? [UInt8] { return write(value) }
        if Value.self == String.self, let value = value as? String { return write(value) }
        try writeItem(value)
    }

    private func writeItem(_ value: some Encodable) throws {
        let start = position
        let depth = depth
        guard depth < RecordValue.deepest else {
            throw RecordValueFault("it is deeper than \(RecordValue.deepest)")
        }
        try value.encode(to: CBORItemWriter(self))
        close(downTo: depth)
        if position == start {
            _ = begin(.map)
            close(downTo: depth)
        }
    }

    /// Values here are no subclasses, whose superclass would be a value in the value.
    func refusingSuperclass() -> any Encoder {
        fail("it has a superclass that is written apart")
        return CBORItemWriter(CBORWriter())
    }

    /// The type of the keys by which a dictionary of the standard library encodes itself.
    static let dictionaryKey: ObjectIdentifier? = {
        let probe = KeyProbe()
        try? ["": 0].encode(to: probe)
        return probe.key
    }()
}

/// The place of one item, as `Codable` sees it.
struct CBORItemWriter: Encoder {
    let writer: CBORWriter
    private let depth: Int
    private let start: Int

    init(_ writer: CBORWriter) {
        self.writer = writer
        depth = writer.depth
        start = writer.position
    }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let sorted = ObjectIdentifier(type) == CBORWriter.dictionaryKey
        return KeyedEncodingContainer(
            CBORMapWriter(writer, depth, opened(.map, sorted: sorted)))
    }

    /// What `KeyProbe` hands out, while it is being found out what is sorted.
    func unsortedContainer<Key: CodingKey>(
        keyedBy type: Key.Type
    ) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(CBORMapWriter(writer, depth, opened(.map)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        CBORArrayWriter(writer, depth, opened(.array))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        CBORSingleWriter(writer: writer, start: start)
    }

    /// A value may ask for its container more than once.
    private func opened(_ kind: CBORKind, sorted: Bool = false) -> Int {
        if writer.position == start { return writer.begin(kind, sorted: sorted) }
        if let identity = writer.reopened(kind, at: depth) { return identity }
        writer.fail("a value was written as two")
        return writer.begin(kind)
    }
}
