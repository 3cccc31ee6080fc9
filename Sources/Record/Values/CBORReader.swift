/// One item of a document, as `Codable` sees it.
struct CBORReader: Decoder, SingleValueDecodingContainer {
    let document: CBORDocument
    let index: Int

    init(_ document: CBORDocument, _ index: Int) {
        self.document = document
        self.index = index
    }

    var codingPath: [any CodingKey] { document.path(to: index) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try CBORMapReader(self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try CBORArrayReader(self) }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    // MARK: Values

    func decodeNil() -> Bool { document.isNull(index) }

    func decode(_ type: Bool.Type) throws -> Bool {
        switch document[index].initial {
        case CBORSimple.yes: true
        case CBORSimple.no: false
        default: throw mismatch(type)
        }
    }

    func decode(_ type: String.Type) throws -> String {
        guard document[index].kind == .text else { throw mismatch(type) }
        guard let text = document.text(of: index) else { throw corrupted("no UTF-8") }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        let item = document[index]
        switch item.initial {
        case CBORSimple.double: return Double(bitPattern: item.argument)
        case CBORSimple.single:
            return Double(Float(bitPattern: UInt32(truncatingIfNeeded: item.argument)))
        default: throw mismatch(type)
        }
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    @inline(__always)
    func decode<Value: Decodable & FixedWidthInteger>(_ type: Value.Type) throws -> Value {
        let item = document[index]
        switch item.kind {
        case .unsigned:
            if let value = Value(exactly: item.argument), isAllowed(value) { return value }
        case .negative:
            // -1 - argument, which has 64 bits where argument has 63.
            if let argument = Int64(exactly: item.argument), let value = Value(exactly: ~argument),
                isAllowed(value)
            {
                return value
            }
        case .bytes, .text, .array, .map, .tag, .simple: throw mismatch(type)
        }
        throw corrupted("out of range")
    }

    @inline(__always)
    private func isAllowed(_ value: some FixedWidthInteger) -> Bool {
        guard let limits = document.limits, let number = value as? Int else { return true }
        return limits.allow(number)
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try read(type) }

    @inline(__always)
    func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == [UInt8].self {
            guard document[index].kind == .bytes else { throw mismatch(type) }
            if let bytes = document.bytes(of: index) as? Value { return bytes }
        }
        if type == String.self, let text = try decode(String.self) as? Value { return text }
        let value = try Value(from: self)
        if type == Duration.self, let limits = document.limits, let time = value as? Duration,
            !limits.allow(time)
        {
            throw corrupted("out of range")
        }
        return value
    }

    // MARK: Faults

    func mismatch(_ type: Any.Type) -> DecodingError {
        let text = "no \(type)"
        return .typeMismatch(
            type, DecodingError.Context(codingPath: codingPath, debugDescription: text))
    }

    func corrupted(_ text: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: text))
    }
}
