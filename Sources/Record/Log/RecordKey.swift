/// What a part of the record is about: its kind, and up to three numbers that tell it from others
/// of the kind, as in "worker 17 of generation 3". Numbers that a kind does not use are 0.
package struct RecordKey: Hashable, Comparable, Sendable {
    /// Kinds from this number on may be left alone by a reader that does not know them; it refuses
    /// a record with any other kind that it does not know.
    package static let firstSkippable: UInt16 = 0x8000

    package var kind: UInt16
    package var first: Int
    package var second: Int
    package var third: Int

    package init(kind: UInt16, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0) {
        self.kind = kind
        self.first = first
        self.second = second
        self.third = third
    }

    /// Whether a reader that does not know the kind may go on without the part.
    package var isSkippable: Bool { kind >= Self.firstSkippable }

    /// The order of a snapshot, which makes equal records equal bytes.
    package static func < (left: RecordKey, right: RecordKey) -> Bool {
        (left.kind, left.first, left.second, left.third)
            < (right.kind, right.first, right.second, right.third)
    }
}
