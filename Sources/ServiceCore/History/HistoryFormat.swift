import Record

/// The history's file as bytes; HISTORY.md describes it.
package enum HistoryFormat {
    /// No file of ours is longer.
    package static let mostBytes = 8 << 20
    private static let magic = Array("RELEVOHI".utf8)
    private static let version: UInt32 = 1
    /// Of one entry; what is longer loses its samples, then its steps and lines.
    private static let mostOfEntry = 64 << 10
    private static let limits = NumberLimits(most: 1 << 40, longest: .seconds(20_000_000_000))

    package static func bytes(of entries: [HistoryEntry]) -> [UInt8] {
        file(of: entries.suffix(History.most).compactMap { bytes(of: $0) })
    }

    static func file(of frames: [[UInt8]]) -> [UInt8] {
        FramedFile.bytes(magic: magic, version: version, frames)
    }

    private static func bytes(of entry: HistoryEntry) -> [UInt8]? {
        var entry = entry
        for attempt in 0..<3 {
            if attempt == 1 { entry.samples = [] }
            if attempt == 2 { (entry.steps, entry.output, entry.checks) = ([], [], []) }
            if let bytes = try? RecordValue.bytes(of: entry), bytes.count <= mostOfEntry {
                return bytes
            }
        }
        return nil
    }

    /// What a file has, whatever its bytes are.
    ///
    /// - Returns: the entries that are sound, and what is wrong with the rest; nil where all is.
    package static func read(_ bytes: [UInt8]) -> (entries: [HistoryEntry], fault: String?) {
        let file = FramedFile(bytes, magic: magic, version: version, mostOfFrame: mostOfEntry)
        var entries: [HistoryEntry] = []
        var fault = file.fault
        for frame in file.frames.suffix(History.most) {
            do throws(RecordValueFault) {
                let entry = try RecordValue.read(HistoryEntry.self, from: frame, within: limits)
                guard entry.number > (entries.last?.number ?? 0) else {
                    fault = fault ?? "its handovers are not in order"
                    continue
                }
                entries.append(entry)
            } catch {
                fault = fault ?? "a handover in it cannot be read: \(error)"
            }
        }
        return (entries, fault)
    }
}
