import Record
import ServiceCore

/// The memory file with the record, byte by byte: it outlives the supervisor.
///
/// The writer may be killed in the midst of a write. To write down every batch at once costs more time
/// than all else; so unless a scenario wants that, batches wait until somebody could read them, and
/// those but the last two are written as one.
struct SimulatedFile {
    private typealias Batch = [(PartKey, RecordPart?)]

    private var head: [UInt8] = []
    /// Where something was written, by the offset of its first byte.
    private var areas: [Int: [UInt8]] = [:]
    private var log: RecordLog
    private var early: [PartKey: RecordPart?] = [:]
    private var late: [Batch] = []
    private let writesAtOnce: Bool
    /// Whether the writer is of a later version, which says more than this one knows.
    private let isLater: Bool
    private var salt: UInt64
    /// What went wrong while it was written.
    private(set) var fault: String?

    init(salt: UInt64, writesAtOnce: Bool, isLater: Bool) {
        self.salt = salt
        self.writesAtOnce = writesAtOnce
        self.isLater = isLater
        log = RecordLog(versions: Self.versions(isLater), salt: salt)
    }

    private static func versions(_ isLater: Bool) -> RecordVersions {
        isLater
            ? RecordVersions(
                format: UInt32(RecordFormat.versions.format + 1),
                readableFrom: UInt32(RecordFormat.versions.readableFrom))
            : RecordFormat.versions
    }

    /// The same file in the hands of the next supervisor.
    init(
        continuing file: SimulatedFile, _ reading: RecordReading, writesAtOnce: Bool,
        isLater: Bool
    ) {
        let salt = file.salt &* 0x9E37_79B9_7F4A_7C15 &+ 1
        self.init(
            head: file.head, areas: file.areas,
            log: RecordLog(
                continuing: reading, parts: reading.parts, versions: Self.versions(isLater),
                salt: salt), writesAtOnce: writesAtOnce, isLater: isLater, salt: salt)
    }

    private init(
        head: [UInt8], areas: [Int: [UInt8]], log: RecordLog, writesAtOnce: Bool, isLater: Bool,
        salt: UInt64
    ) {
        self.head = head
        self.areas = areas
        self.log = log
        self.writesAtOnce = writesAtOnce
        self.isLater = isLater
        self.salt = salt
    }

    // MARK: Writing

    mutating func append(_ changes: [(PartKey, RecordPart?)]) {
        if writesAtOnce {
            write(changes, cutAt: nil)
            return
        }
        if late.count == 2 {
            for (key, part) in late.removeFirst() { early[key] = part }
        }
        late.append(changes)
    }

    /// The kernel refuses a write of a batch: nothing of what follows in it is tried.
    ///
    /// - Parameter index: which one it is, if there are so many.
    mutating func append(_ changes: [(PartKey, RecordPart?)], refusedAt index: Int) {
        finish()
        write(changes, cutAt: nil, refusedAt: index)
    }

    /// The writer is killed, in the midst of its last batch where it was just at that.
    ///
    /// - Parameter cut: how much of that is there, of a thousand.
    mutating func endWriting(with last: [(PartKey, RecordPart?)]?, cut: Int) {
        finish()
        if let last { write(last, cutAt: cut) }
    }

    /// Writes what waits.
    private mutating func finish() {
        if !early.isEmpty { write(early.map { ($0.key, $0.value) }, cutAt: nil) }
        for batch in late { write(batch, cutAt: nil) }
        early = [:]
        late = []
    }

    private mutating func write(
        _ changes: [(PartKey, RecordPart?)], cutAt cut: Int?, refusedAt refused: Int? = nil
    ) {
        do {
            var encoded: [RecordChange] = []
            for (key, part) in changes { encoded.append(aged(try RecordFormat.change(key, part))) }
            if isLater {
                encoded.append(.set(RecordKey(kind: 0x8001, encoded.count), [1, 2, 3]))
            }
            var writes = try log.append(encoded)
            if let refused, !writes.isEmpty {
                let index = min(refused, writes.count - 1)
                writes.removeSubrange(index...)
                log.failed(at: index)
            }
            carryOut(writes, cutAt: cut)
        } catch {
            fault = "\(error)"
        }
    }

    /// What a later version writes has a field more.
    private func aged(_ change: RecordChange) -> RecordChange {
        guard isLater, case .set(let key, var bytes) = change, let first = bytes.first,
            0xA0..<0xB7 ~= first
        else { return change }
        bytes[0] = first + 1
        return .set(key, bytes + [0x65] + Array("later".utf8) + [1])
    }

    private mutating func carryOut(_ writes: [RecordWrite], cutAt cut: Int?) {
        var total = 0
        for case .bytes(let bytes, _) in writes { total += bytes.count }
        var left = cut.map { total * $0 / 1000 } ?? total
        for case .bytes(let bytes, let offset) in writes where left > 0 {
            put(bytes.prefix(left), at: offset)
            left -= bytes.count
        }
    }

    private mutating func put(_ bytes: ArraySlice<UInt8>, at offset: Int) {
        if offset < 4096 {
            while head.count < offset + bytes.count { head.append(0) }
            head.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            return
        }
        guard
            let start = areas.first(where: { $0.key...$0.key + $0.value.count ~= offset })?.key
        else {
            areas[offset] = Array(bytes)
            return
        }
        let at = offset - start
        let overlap = min(bytes.count, (areas[start]?.count ?? 0) - at)
        areas[start]?.replaceSubrange(at..<at + overlap, with: bytes.prefix(overlap))
        areas[start]?.append(contentsOf: bytes.dropFirst(overlap))
    }

    // MARK: Reading

    /// What is in it; nil where nothing was ever finished.
    func read() throws -> RecordReading? {
        guard !head.isEmpty else { return nil }
        do {
            let place = try RecordReading.place(head: head)
            var reading = try RecordReading(
                head: head, area: areas[place.lowerBound] ?? [],
                understanding: RecordFormat.versions.format)
            _ = try reading.setAside(unlessKnown: RecordFormat.knows)
            return reading
        } catch RecordFault.empty {
            return nil
        }
    }
}
