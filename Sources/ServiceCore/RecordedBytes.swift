import HandoverCore
package import Record

/// How the parts of a service are named and written in the record's log.
///
/// Kinds of parts are never used again for something else. 1 is the service, 2 a listener, 3 a
/// generation, 4 a worker, 5 the stored descriptors, 6 the duties, 7 how many of
/// them are done (who does not know that does them again). From 32 on they are the port's own.
/// What an earlier version can do without is from `RecordKey.firstSkippable` on: 256 above it is a program.
package enum RecordFormat {
    /// What this version writes, and the oldest version that can go on with that.
    package static let versions = RecordVersions(format: 2, readableFrom: 2)
    /// Kinds below are the service's.
    package static let firstOfPort: UInt16 = 32
    private static let program = RecordKey.firstSkippable + 256

    /// Whether parts of a kind are read here.
    package static func knows(_ kind: UInt16) -> Bool { 1...7 ~= kind || kind == program }

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
            }
        return .set(Self.key(of: key), bytes)
    }

    /// Reads a part; nil for one of the port.
    package static func part(
        _ key: RecordKey, _ bytes: [UInt8]
    ) throws(RecordValueFault) -> RecordPart? {
        let generation = GenerationID(key.first)
        switch key.kind {
        case 1: return .service(try RecordValue.read(RecordPart.ServicePart.self, from: bytes))
        case 2:
            return .listener(
                key.first, try RecordValue.read(RecordPart.ListenerPart.self, from: bytes))
        case 3:
            return .generation(
                generation, try RecordValue.read(RecordPart.GenerationPart.self, from: bytes))
        case 4:
            return .worker(
                WorkerID(generation, key.second),
                try RecordValue.read(RecordPart.WorkerPart.self, from: bytes))
        case 5: return .stored(try RecordValue.read([StoredEntry].self, from: bytes))
        case 6: return .duties(try RecordValue.read([Duty].self, from: bytes))
        case 7: return .dutiesDone(try RecordValue.read(Int.self, from: bytes))
        case program:
            return .program(generation, try RecordValue.read(Program.self, from: bytes))
        default: return nil
        }
    }
}
