@testable import Record

extension Decoder {
    /// A log of parts, whatever its bytes: damaged as a file, and with checksums that are right.
    static func takeLog(_ bytes: [UInt8]) {
        let head = RecordLayout.magic + [RecordLayout.holderByte(0)] + [0, 0, 0, 0, 0, 0, 0]
        _ = try? RecordReading(file: bytes, understanding: 1)
        _ = try? RecordReading(head: head, area: bytes, understanding: 1)
        var changes: [RecordChange] = []
        var reader = ChangeReader(bytes, in: 0..<bytes.count)
        while let change = reader.next() { changes.append(change) }
        checkEveryCut(of: changes, before: changes.filter { $0.key.kind % 2 == 0 }, head: head)
    }

    /// A batch is there or not there, wherever its write was cut.
    private static func checkEveryCut(
        of batch: [RecordChange], before: [RecordChange], head: [UInt8]
    ) {
        var log = RecordLog(versions: RecordVersions(format: 1, readableFrom: 1), salt: 1)
        guard let snapshot = try? log.append(before), snapshot.count == 3,
            case .bytes(let area, _) = snapshot[1]
        else { return }
        let first = log.parts
        guard let writes = try? log.append(batch), writes.count == 1,
            case .bytes(let frame, _) = writes[0]
        else { return }
        for count in stride(from: 0, through: frame.count, by: 1 + frame.count / 64) {
            let reading = try? RecordReading(
                head: head, area: area + frame.prefix(count), understanding: 1)
            precondition(
                reading?.parts == first || reading?.parts == log.parts,
                "a batch that was cut off is neither there nor not there")
        }
        let reading = try? RecordReading(head: head, area: area + frame, understanding: 1)
        precondition(reading?.parts == log.parts, "a log is not read as it was written")
    }

    /// A value of each shape that the record has.
    static func takeValue(_ bytes: [UInt8]) {
        guard let shapes = try? RecordValue.read(Shapes.self, from: bytes) else { return }
        let written = try? RecordValue.bytes(of: shapes)
        let again = written.flatMap { try? RecordValue.read(Shapes.self, from: $0) }
        precondition(
            written != nil && again.flatMap { try? RecordValue.bytes(of: $0) } == written,
            "a value is not read as it was written")
    }

    static var logSeeds: [[UInt8]] {
        var log = RecordLog(versions: RecordVersions(format: 1, readableFrom: 1), salt: 1)
        let key = RecordKey(kind: 1, 3, -17)
        let batches: [[RecordChange]] = [
            [.set(key, [1, 2, 3]), .set(RecordKey(kind: 2), [])], [.removed(key)],
        ]
        var area: [UInt8] = []
        for case .bytes(let bytes, let offset) in batches.flatMap({ (try? log.append($0)) ?? [] })
        where offset >= RecordLayout.areaOffset(0) {
            area += bytes
        }
        var payload = FrameWriter(room: 0)
        payload.set(key, [4, 5])
        payload.remove(key)
        return [area, Array(payload.bytes[RecordLayout.frameHeadSize...])]
    }

    static var valueSeeds: [[UInt8]] {
        [Shapes(), Shapes(optional: 1, cases: [.one, .two(.seconds(1), name: "n")])]
            .compactMap { try? RecordValue.bytes(of: $0) }
    }
}

private struct Shapes: Codable {
    enum Case: Codable {
        case one
        case two(Duration, name: String)
    }

    var number = -300
    var small: UInt8 = 7
    var optional: Int?
    var flag = true
    var text = "text"
    var bytes: [UInt8] = [1, 2]
    var real = 0.5
    var cases: [Case] = []
    var names: [String: Int] = ["a": 1]
    var numbers: [Int: [Int?]] = [3: [nil, 4]]
}
