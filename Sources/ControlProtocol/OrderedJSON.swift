/// Writes values as JSON with their fields in the order they are declared.
///
/// Foundation's encoder keeps no order, and people read this output.
package enum OrderedJSON {
    /// - Parameter nulls: whether an absent optional is written as null or left out.
    package static func text(_ value: some Encodable, nulls: Bool = true) -> String {
        String(decoding: bytes(value, nulls: nulls), as: UTF8.self)
    }

    /// The same in UTF-8.
    package static func bytes(_ value: some Encodable, nulls: Bool) -> [UInt8] {
        let node = JSONNode()
        do {
            try NodeEncoder(node: node, nulls: nulls).encode(value)
        } catch {
            preconditionFailure("a message refused to be encoded: \(error)")
        }
        var bytes: [UInt8] = []
        node.write(to: &bytes)
        return bytes
    }

    /// One Varlink message with its NUL.
    package static func frame(_ value: some Encodable, nulls: Bool) -> [UInt8] {
        bytes(value, nulls: nulls) + [0]
    }
}
