/// A Swift value as bytes that a later version still reads: CBOR (RFC 8949), of which this is what
/// is written and read.
///
/// - A keyed container is a map with text keys in the order in which they were encoded, an
///   unkeyed one an array. A value that encodes nothing is an empty map.
/// - `[UInt8]` is a byte string. Floating-point numbers are written with 64 bits. nil is left out
///   of a map where Swift leaves it out; elsewhere it is null.
/// - `Duration` is what Swift makes of it: an array of the upper and lower 64 bits of its
///   attoseconds.
/// - Dictionaries with `String` or `Int` keys are maps, sorted by key. So equal values have equal
///   bytes, unless a `Set` or a dictionary with other keys is in them: Swift hands out their
///   elements in no fixed order.
/// - Lengths are definite and every head is as short as it can be (RFC 8949, section 4.2.1).
///
/// A reader lets pass keys that it does not know, and reads a missing key of an optional property
/// as nil. It accepts floating-point numbers of 32 bits too; tags, indefinite lengths and heads
/// that are longer than need be are refused.
package enum RecordValue {
    /// Containers in each other; deeper ones are neither written nor read.
    package static let deepest = 32
    /// Longer values are neither written nor read.
    package static let longest = RecordLayout.longestValue

    /// - Throws: Where it is deeper or longer than is read, or its own `encode(to:)` throws.
    package static func bytes(
        of value: some Encodable
    ) throws(RecordValueFault) -> [UInt8] {
        let writer = CBORWriter()
        do {
            try writer.write(value)
        } catch {
            throw RecordValueFault(error)
        }
        return try writer.finished()
    }

    /// - Throws: Where the bytes are not CBOR as it is written here, not of the type, or a number in them,
    ///   however deep, is beyond the limits.
    package static func read<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], within limits: NumberLimits? = nil
    ) throws(RecordValueFault) -> Value {
        let document = try CBORDocument(bytes, within: limits)
        do {
            return try CBORReader(document, 0).read(type)
        } catch {
            throw RecordValueFault(error)
        }
    }
}

/// What no `Int` and no `Duration` that is read may reach, so that sums of them cannot overflow.
package struct NumberLimits: Sendable {
    let most: Int
    let longest: Duration

    package init(most: Int, longest: Duration) {
        self.most = most
        self.longest = longest
    }

    func allow(_ number: Int) -> Bool { number > -most && number < most }

    func allow(_ time: Duration) -> Bool { time > .zero - longest && time < longest }
}
