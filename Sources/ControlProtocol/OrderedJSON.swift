/// Writes values as JSON with their fields in the order they are declared.
///
/// Foundation's encoder keeps no order, and people read this output.
package enum OrderedJSON {
    /// - Parameter nulls: whether an absent optional is written as null or left out.
    package static func text(_ value: some Encodable, nulls: Bool = true) -> String {
        let node = JSONNode()
        do {
            try NodeEncoder(node: node, nulls: nulls).encode(value)
        } catch {
            preconditionFailure("a message refused to be encoded: \(error)")
        }
        var text = ""
        node.write(to: &text)
        return text
    }

    /// One Varlink message with its NUL.
    package static func frame(_ value: some Encodable, nulls: Bool) -> [UInt8] {
        Array(text(value, nulls: nulls).utf8) + [0]
    }
}
