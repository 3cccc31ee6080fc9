/// Writes values as JSON with their fields in the order they are declared.
///
/// Foundation's encoder keeps no order, and people read this output.
package enum OrderedJSON {
    /// - Parameters:
    ///   - nulls: whether an absent optional is written as null or left out.
    ///   - pretty: over many lines, indented by two spaces.
    package static func text(
        _ value: some Encodable, nulls: Bool = true, pretty: Bool = false
    ) -> String {
        let node = JSONNode()
        do {
            try NodeEncoder(node: node, nulls: nulls).encode(value)
        } catch {
            preconditionFailure("a message refused to be encoded: \(error)")
        }
        var text = ""
        node.write(to: &text, indent: pretty ? 0 : nil)
        return text
    }

    /// One Varlink message with its NUL.
    package static func frame(_ value: some Encodable, nulls: Bool) -> [UInt8] {
        Array(text(value, nulls: nulls).utf8) + [0]
    }
}
