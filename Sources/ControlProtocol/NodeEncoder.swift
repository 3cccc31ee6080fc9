/// The encoder behind `OrderedJSON`: each container appends to the node it was made for.
struct NodeEncoder: Encoder {
    let node: JSONNode
    /// Whether absent optionals are written.
    let nulls: Bool
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.kind = .object([])
        return KeyedEncodingContainer(KeyedNodeContainer<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.kind = .array([])
        return UnkeyedNodeContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func inside(_ node: JSONNode) -> NodeEncoder { NodeEncoder(node: node, nulls: nulls) }
}

extension NodeEncoder: SingleValueEncodingContainer {
    func encodeNil() { node.kind = .literal("null") }

    func encode<Value: Encodable>(_ value: Value) throws {
        switch value {
        case let text as String: node.kind = .string(text)
        case let flag as Bool: node.kind = .literal(flag ? "true" : "false")
        case let number as any BinaryInteger: node.kind = .literal("\(number)")
        case let number as Double:
            // JSON has no word for infinity and for what is not a number.
            node.kind = .literal(number.isFinite ? "\(number)" : "null")
        default: try value.encode(to: self)
        }
    }
}
