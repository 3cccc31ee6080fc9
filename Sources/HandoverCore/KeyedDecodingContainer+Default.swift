extension KeyedDecodingContainer {
    /// A value that an older writer did not know of reads as `value`.
    func decode<Value: Decodable>(_ key: Key, default value: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? value
    }
}
