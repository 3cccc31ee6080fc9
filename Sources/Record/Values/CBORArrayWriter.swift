/// An array that is being written.
struct CBORArrayWriter: UnkeyedEncodingContainer, CBORPlace {
    let writer: CBORWriter
    private let depth: Int
    private let identity: Int

    init(_ writer: CBORWriter, _ depth: Int, _ identity: Int) {
        self.writer = writer
        self.depth = depth
        self.identity = identity
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int { writer.count(at: depth) }

    func enter() { writer.element(at: depth, of: identity) }

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
