/// One part that is new, has another value, or is no more.
package enum RecordChange: Equatable, Sendable {
    case set(RecordKey, [UInt8])
    case removed(RecordKey)

    package var key: RecordKey {
        switch self {
        case .set(let key, _), .removed(let key): key
        }
    }
}
