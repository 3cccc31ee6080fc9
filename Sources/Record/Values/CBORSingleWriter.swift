/// The place of an item that is no container.
struct CBORSingleWriter: SingleValueEncodingContainer {
    let writer: CBORWriter
    let start: Int

    var codingPath: [any CodingKey] { [] }

    private func enter() {
        if writer.position != start { writer.fail("a value was written as two") }
    }

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
}
