import HandoverCore
package import Record

/// How the parts of a service are named and written in the record's log.
///
/// Kinds of parts are never used again for something else. 1 is the service, 2 a listener, 3 a
/// generation, 4 a worker, 5 the stored descriptors, 6 the duties, 7 how many of
/// them are done (who does not know that does them again). From 32 on they are the port's own.
/// What an earlier version can do without is from `RecordKey.firstSkippable` on: 256 above it is a program, 257 a
/// handover of the history.
package enum RecordFormat {
    /// What this version writes, and the oldest version that can go on with that.
    package static let versions = RecordVersions(format: 2, readableFrom: 2)
    /// Kinds below are the service's.
    package static let firstOfPort: UInt16 = 32
    private static let program = RecordKey.firstSkippable + 256
    private static let history = RecordKey.firstSkippable + 257
    /// Times and counts beyond these are nobody's, and sums of them would overflow.
    private static let limits = NumberLimits(most: 1 << 40, longest: .seconds(20_000_000_000))

    /// Whether parts of a kind are read here.
    package static func knows(_ kind: UInt16) -> Bool {
        1...7 ~= kind || kind == program || kind == history
    }

    package static func key(of part: PartKey) -> RecordKey {
        switch part {
        case .service: RecordKey(kind: 1)
        case .listener(let number): RecordKey(kind: 2, number)
        case .generation(let id): RecordKey(kind: 3, id.number)
        case .worker(let id): RecordKey(kind: 4, id.generation.number, id.index)
        case .stored: RecordKey(kind: 5)
        case .duties: RecordKey(kind: 6)
        case .dutiesDone: RecordKey(kind: 7)
        case .program(let number): RecordKey(kind: program, number.number)
        case .history(let id): RecordKey(kind: history, id.number)
        }
    }

    /// A change of a part as the log takes it.
    package static func change(
        _ key: PartKey, _ part: RecordPart?
    ) throws(RecordValueFault) -> RecordChange {
        guard let part else { return .removed(Self.key(of: key)) }
        let bytes: [UInt8] =
            switch part {
            case .service(let value): try RecordValue.bytes(of: value)
            case .listener(_, let value): try RecordValue.bytes(of: value)
            case .generation(_, let value): try RecordValue.bytes(of: value)
            case .worker(_, let value): try RecordValue.bytes(of: value)
            case .stored(let value): try RecordValue.bytes(of: value)
            case .duties(let value): try RecordValue.bytes(of: value)
            case .dutiesDone(let value): try RecordValue.bytes(of: value)
            case .program(_, let value): try RecordValue.bytes(of: value)
            case .history(_, let value): try RecordValue.bytes(of: value)
            }
        return .set(Self.key(of: key), bytes)
    }

    /// Reads a part; nil for one of the port.
    package static func part(
        _ key: RecordKey, _ bytes: [UInt8]
    ) throws(RecordValueFault) -> RecordPart? {
        let generation = GenerationID(key.first)
        switch key.kind {
        case 1: return .service(try read(RecordPart.ServicePart.self, from: bytes))
        case 2:
            return .listener(
                key.first, try read(RecordPart.ListenerPart.self, from: bytes))
        case 3:
            return .generation(
                generation, try read(RecordPart.GenerationPart.self, from: bytes))
        case 4:
            return .worker(
                WorkerID(generation, key.second),
                try read(RecordPart.WorkerPart.self, from: bytes))
        case 5: return .stored(try read([StoredEntry].self, from: bytes))
        case 6: return .duties(try read([Duty].self, from: bytes))
        case 7: return .dutiesDone(try read(Int.self, from: bytes))
        case program:
            return .program(generation, try read(Program.self, from: bytes))
        case history:
            return .history(
                RequestID(key.first), try read(RecordPart.HistoryPart.self, from: bytes))
        default: return nil
        }
    }

    private static func read<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(RecordValueFault) -> Value {
        try RecordValue.read(type, from: bytes, within: limits)
    }
}
