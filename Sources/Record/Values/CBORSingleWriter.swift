/// The place of an item that is no container.
struct CBORSingleWriter: SingleValueEncodingContainer, CBORPlace {
    let writer: CBORWriter
    let start: Int

    var codingPath: [any CodingKey] { [] }

    func enter() {
        if writer.position != start { writer.fail("a value was written as two") }
    }
}
