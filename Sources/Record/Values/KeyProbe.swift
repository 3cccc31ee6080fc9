/// An encoder that only finds out by which keys a value encodes itself.
final class KeyProbe: Encoder {
    private(set) var key: ObjectIdentifier?

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        key = ObjectIdentifier(type)
        return CBORItemWriter(CBORWriter()).unsortedContainer(keyedBy: type)
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        CBORItemWriter(CBORWriter()).unkeyedContainer()
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        CBORItemWriter(CBORWriter()).singleValueContainer()
    }
}
