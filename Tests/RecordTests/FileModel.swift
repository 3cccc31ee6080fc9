@testable import Record

/// A record's file, of which no more is kept than was written.
struct FileModel {
    private(set) var head: [UInt8] = []
    private var areas: [Int: [UInt8]] = [:]

    /// All bytes of a write, or the first ones.
    mutating func carryOut(_ write: RecordWrite, upTo count: Int = .max) {
        switch write {
        case .bytes(let bytes, let offset): put(Array(bytes.prefix(count)), at: offset)
        case .release(let range):
            for area in 0..<RecordLayout.areaCount where RecordLayout.areaRange(area) == range {
                areas[area] = nil
            }
        }
    }

    mutating func carryOut(_ writes: [RecordWrite]) { for write in writes { carryOut(write) } }

    mutating func put(_ bytes: [UInt8], at offset: Int) {
        for area in 0..<RecordLayout.areaCount
        where RecordLayout.areaRange(area).contains(offset) {
            let start = offset - RecordLayout.areaOffset(area)
            Self.put(bytes, at: start, in: &areas[area, default: []])
            return
        }
        Self.put(bytes, at: offset, in: &head)
    }

    private static func put(_ bytes: [UInt8], at start: Int, in file: inout [UInt8]) {
        let end = start + bytes.count
        if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
        file.replaceSubrange(start..<end, with: bytes)
    }

    /// The bytes of the area that holds.
    var holding: [UInt8] {
        get throws(RecordFault) {
            let place = try RecordReading.place(head: head)
            return areas.first { RecordLayout.areaRange($0.key) == place }?.value ?? []
        }
    }

    func read(understanding version: Int = 1) throws(RecordFault) -> RecordReading {
        try RecordReading(head: head, area: holding, understanding: version)
    }

    /// With the area that holds changed.
    func changing(_ change: (inout [UInt8]) -> Void) throws -> FileModel {
        let place = try RecordReading.place(head: head)
        var changed = self
        for area in areas.keys where RecordLayout.areaRange(area) == place {
            change(&changed.areas[area, default: []])
        }
        return changed
    }

    /// What is on record; nil where nothing ever was.
    var state: [RecordKey: [UInt8]]? {
        get throws(RecordFault) {
            do throws(RecordFault) {
                return try read().parts
            } catch RecordFault.empty {
                return nil
            } catch {
                throw error
            }
        }
    }
}

extension RecordWrite {
    /// How many bytes a writer can be killed between.
    var length: Int {
        switch self {
        case .bytes(let bytes, _): bytes.count
        case .release: 1
        }
    }
}

extension RecordLog {
    init(seed: UInt64 = 7) {
        self.init(versions: RecordVersions(format: 1, readableFrom: 1), salt: seed)
    }

    init(continuing reading: RecordReading, seed: UInt64 = 8) {
        self.init(
            continuing: reading, parts: reading.parts,
            versions: RecordVersions(format: 1, readableFrom: 1), salt: seed)
    }
}
