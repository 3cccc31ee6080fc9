/// One item of a document, at its place in the order of the bytes.
struct CBORItem {
    let kind: CBORKind
    /// Its first byte.
    let initial: UInt8
    /// The number, length or count of its head; a floating-point number's bits.
    let argument: UInt64
    /// Of bytes and text, where they begin. Of a map, the key that was found last.
    var place: Int32
    /// The number of the item that follows this one and all that it contains.
    var next: Int32
}
