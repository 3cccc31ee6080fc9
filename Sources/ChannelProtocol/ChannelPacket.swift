/// A verb and its keys: what every message of the worker channel is written as.
package struct ChannelPacket: Equatable, Sendable {
    package let verb: String
    package var fields: [ChannelField]

    /// - Parameter verb: capital letters.
    package init(_ verb: String, _ fields: [ChannelField] = []) {
        self.verb = verb
        self.fields = fields
    }

    /// The value of a key that stands once; nil where it is missing.
    package func value(_ key: String) -> String? { fields.first { $0.key == key }?.value }

    /// All values of a key that may be repeated.
    package func values(_ key: String) -> [String] {
        fields.filter { $0.key == key }.map(\.value)
    }

    /// Adds a line; control characters in the value become spaces: it must stay one line.
    package mutating func add(_ key: String, _ value: String) {
        let isClean = value.utf8.allSatisfy(Self.isValueByte)
        let clean =
            isClean
            ? value
            : String(decoding: value.utf8.map { Self.isValueByte($0) ? $0 : 0x20 }, as: UTF8.self)
        fields.append(ChannelField(key, clean))
    }

    package mutating func add(_ key: String, _ number: some BinaryInteger) {
        fields.append(ChannelField(key, String(number)))
    }

    /// As it goes over the socket.
    package func encoded() -> [UInt8] {
        var bytes = Array(verb.utf8)
        for field in fields {
            bytes.append(Self.newline)
            bytes.append(contentsOf: field.key.utf8)
            bytes.append(UInt8(ascii: "="))
            bytes.append(contentsOf: field.value.utf8)
        }
        return bytes
    }

    static let newline: UInt8 = 0x0a

    static func isValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f }
}
