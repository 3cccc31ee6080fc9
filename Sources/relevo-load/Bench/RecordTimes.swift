import Kernel
import Record

/// What a record of so many parts takes, in a memory file.
struct RecordTimes {
    private(set) var append = Duration.zero
    private(set) var unchanged = Duration.zero
    private(set) var snapshot = Duration.zero
    private(set) var reading = Duration.zero

    init(parts count: Int, of value: [UInt8]) throws {
        let file = try MemoryFile(named: "relevo-bench-record")
        var log = RecordLog(versions: RecordVersions(format: 1, readableFrom: 1), salt: 1)
        let keys = (0..<count).map { RecordKey(kind: 1, 3, $0) }
        try Self.carryOut(try log.append(keys.map { .set($0, value) }), file)
        var changed = value
        var number = 0
        append = try RecordBench.median {
            number += 1
            // It differs from every value of before.
            for place in 0..<4 {
                changed[changed.count - 1 - place] = UInt8(
                    truncatingIfNeeded: number >> (place * 8))
            }
            try Self.carryOut(try log.append([.set(keys[number % count], changed)]), file)
        }
        unchanged = try RecordBench.median {
            try Self.carryOut(try log.append([.set(keys[number % count], changed)]), file)
        }
        snapshot = try RecordBench.median(2) { try Self.carryOut(log.compact(), file) }
        reading = try RecordBench.median(2) {
            guard try Self.read(file).parts == log.parts else {
                throw LoadError("the record is not read as it was written")
            }
        }
    }

    private static func carryOut(
        _ writes: [RecordWrite], _ file: borrowing MemoryFile
    ) throws {
        for write in writes {
            switch write {
            case .bytes(let bytes, let offset): try file.write(bytes, at: offset)
            case .release: break
            }
        }
    }

    private static func read(_ file: borrowing MemoryFile) throws -> RecordReading {
        let head = try file.read(
            upTo: RecordReading.headRange.count, at: RecordReading.headRange.lowerBound)
        let place = try RecordReading.place(head: head)
        let area = try file.read(upTo: place.count, at: place.lowerBound)
        return try RecordReading(head: head, area: area, understanding: 1)
    }
}
