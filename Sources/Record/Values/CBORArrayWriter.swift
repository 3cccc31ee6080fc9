/// An array that is being written.
struct CBORArrayWriter: UnkeyedEncodingContainer {
    private let writer: CBORWriter
    private let depth: Int
    private let identity: Int

    init(_ writer: CBORWriter, _ depth: Int, _ identity: Int) {
        self.writer = writer
        self.depth = depth
        self.identity = identity
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int { writer.count(at: depth) }

    private func enter() { writer.element(at: depth, of: identity) }

    func encodeNil() {
        enter()
        writer.writeNull()
    }

    func encode(_ value: Bool) {
        enter()
        writer.write(value)
    }

    func encode(_ value: String) {
        enter()
        writer.write(value)
    }

    func encode(_ value: Double) {
        enter()
        writer.write(value)
    }

    func encode(_ value: Float) {
        enter()
        writer.write(Double(value))
    }

    func encode<Value: Encodable & FixedWidthInteger>(_ value: Value) {
        enter()
        writer.write(integer: value)
    }

    func encode<Value: Encodable>(_ value: Value) throws {
        enter()
        try writer.write(value)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        enter()
        return CBORItemWriter(writer).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        enter()
        return CBORItemWriter(writer).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { writer.refusingSuperclass() }
}
