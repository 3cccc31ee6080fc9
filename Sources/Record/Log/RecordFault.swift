/// Why a file holds no record that can be gone on with.
package enum RecordFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Something else, or a record of a version before this format.
    case notOurs
    /// No snapshot in it is complete.
    case empty
    /// Bytes that were whole once are not any more, at an offset in the file.
    case damaged(at: Int)
    /// Its writer says that only a later version may read it.
    case tooNew(formatVersion: Int, readableFrom: Int, understood: Int)
    /// It has a part of a kind that is not known and must not be left alone.
    case unknownKind(UInt16)

    package var description: String {
        switch self {
        case .notOurs: "it is no record of a supervisor"
        case .empty: "no record was ever finished in it"
        case .damaged(let offset): "it is damaged at byte \(offset)"
        case .tooNew(let format, let readableFrom, let understood):
            "it has format \(format), to be read by version \(readableFrom) and later; "
                + "this relevod reads \(understood)"
        case .unknownKind(let kind):
            "it has a part of kind \(kind), which this relevod does not know"
        }
    }
}

/// A change that would make the record larger than a reader accepts; nothing of it was done.
package struct RecordFull: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String { "the record would become too large" }
}
