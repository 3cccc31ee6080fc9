/// The supervisor's state as a log of changed parts. It decides what is written where, see
/// `RecordLayout`. The owner of the file writes it.
///
/// A part is a key and bytes; the last value counts. What a batch costs depends on what it changes,
/// not on what there is. The log remembers every part's value, so the owner may hand in parts that
/// did not change.
package struct RecordLog: Sendable {
    /// All parts that live.
    package private(set) var parts: [RecordKey: [UInt8]]
    private let versions: RecordVersions
    private let salt: UInt64
    private var nextSequence: UInt64
    private var isNewFile: Bool
    private var holder: Int?
    /// Where the next frame goes in the area that holds.
    private var end = 0
    private var liveSize: Int
    /// What is in the file is not known to be what is here.
    private var mustCompact = true
    /// How to go back if the last batch's writes fail: which of them was the holder's, and what
    /// held before.
    private var switching: (write: Int, from: Int?)?

    /// A log in a new file. Nothing is on record before the first batch is written.
    ///
    /// - Parameter salt: A number that nobody can guess whose text may come into a part.
    package init(versions: RecordVersions, salt: UInt64) {
        self.init(versions: versions, salt: salt, holder: nil, nextSequence: 1, parts: [:])
    }

    /// Goes on in a predecessor's file, with these parts of what was read.
    ///
    /// The predecessor's record holds until the first batch is written: that is a snapshot.
    package init(
        continuing reading: RecordReading, parts: [RecordKey: [UInt8]], versions: RecordVersions,
        salt: UInt64
    ) {
        self.init(
            versions: versions, salt: salt, holder: reading.area,
            nextSequence: reading.nextSequence, parts: parts)
    }

    private init(
        versions: RecordVersions, salt: UInt64, holder: Int?, nextSequence: UInt64,
        parts: [RecordKey: [UInt8]]
    ) {
        self.versions = versions
        self.salt = salt
        self.holder = holder
        self.nextSequence = nextSequence
        self.parts = parts
        isNewFile = holder == nil
        liveSize = parts.values.reduce(0) { $0 + RecordLayout.entrySize($1) }
    }

    /// Whether the log is longer than it ought to be; `append` compacts it then.
    package var needsCompaction: Bool { isTooLong(with: 0) }

    /// Whether compacting it would make it shorter, for an owner that has nothing else to do.
    package var isWorthCompacting: Bool {
        mustCompact || end > max(2 * liveSize, RecordLayout.smallestWorthTidying)
    }

    /// Records changes as one batch: all of them hold, or none. Those that change nothing are left
    /// out.
    ///
    /// - Returns: What to write, in order; nothing where nothing changes.
    /// - Throws: Where the parts, and what this batch adds to them, are more than a reader accepts.
    package mutating func append(
        _ changes: [RecordChange]
    ) throws(RecordFull) -> [RecordWrite] {
        let room = try roomNeeded(changes)
        var frame = FrameWriter(room: room)
        var isEmpty = true
        for change in changes {
            switch change {
            case .set(let key, let value):
                let old = parts[key]
                if old == value { continue }
                frame.set(key, value)
                parts[key] = value
                liveSize += RecordLayout.entrySize(value)
                liveSize -= old.map(RecordLayout.entrySize) ?? 0
            case .removed(let key):
                guard let old = parts.removeValue(forKey: key) else { continue }
                frame.remove(key)
                liveSize -= RecordLayout.entrySize(old)
            }
            isEmpty = false
        }
        if isEmpty, !mustCompact { return [] }
        guard let holder, !isTooLong(with: frame.bytes.count) else { return compact() }
        return [appended(frame, to: holder)]
    }

    /// Writes the whole record anew and leaves behind what does not count any more.
    package mutating func compact() -> [RecordWrite] {
        let area = RecordLayout.area(forSnapshot: liveSize, besides: holder)
        let head = AreaHead(versions: versions, salt: salt, sequence: nextSequence)
        var frame = FrameWriter(behind: head.bytes, room: liveSize)
        for key in parts.keys.sorted() {
            if let value = parts[key] { frame.set(key, value) }
        }
        let bytes = frame.finished(sequence: nextSequence, salt: salt)
        nextSequence += 1
        var writes: [RecordWrite] = []
        if isNewFile {
            writes.append(.bytes(RecordLayout.newHead, at: 0))
        }
        writes.append(.bytes(bytes, at: RecordLayout.areaOffset(area)))
        switching = (writes.count, holder)
        writes.append(.bytes([RecordLayout.holderByte(area)], at: RecordLayout.holderAt))
        if let holder { writes.append(.release(RecordLayout.areaRange(holder))) }
        isNewFile = false
        mustCompact = false
        holder = area
        end = bytes.count
        return writes
    }

    /// To be said when a write of the last batch was refused, and those after it were not tried.
    ///
    /// The next batch is a snapshot then, with what this one changed.
    ///
    /// - Parameter index: Which write it was, of those that were handed out last.
    package mutating func failed(at index: Int) {
        guard let switching else {
            mustCompact = true
            return
        }
        if index <= switching.write {
            mustCompact = true
            holder = switching.from
            isNewFile = holder == nil
        }
    }

    private mutating func appended(
        _ frame: consuming FrameWriter, to area: Int
    ) -> RecordWrite {
        let bytes = frame.finished(sequence: nextSequence, salt: salt)
        let offset = RecordLayout.areaOffset(area) + end
        nextSequence += 1
        end += bytes.count
        switching = nil
        return .bytes(bytes, at: offset)
    }

    private func isTooLong(with more: Int) -> Bool {
        guard let holder, !mustCompact else { return true }
        let length = end + more
        return length > RecordLayout.areaSize(holder)
            || length > max(2 * liveSize, RecordLayout.smallestWorthCompacting)
    }

    /// At most what a frame of these changes takes.
    private func roomNeeded(_ changes: [RecordChange]) throws(RecordFull) -> Int {
        var room = 0
        for change in changes {
            switch change {
            case .set(_, let value):
                guard value.count <= RecordLayout.longestValue else { throw RecordFull() }
                room += RecordLayout.entrySize(value)
            case .removed: room += RecordLayout.entrySize([])
            }
        }
        guard liveSize + room <= RecordLayout.largestSnapshot,
            parts.count + changes.count <= RecordLayout.mostParts
        else { throw RecordFull() }
        return room
    }
}
