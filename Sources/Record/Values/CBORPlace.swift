/// A place without a key that values are written to: the next of an array, or the only one.
protocol CBORPlace {
    var writer: CBORWriter { get }

    /// Comes before each value.
    func enter()
}

extension CBORPlace {
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
