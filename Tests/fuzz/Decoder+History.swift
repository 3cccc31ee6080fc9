import HandoverCore
import Record

@testable import ServiceCore

extension Decoder {
    /// A history, whatever its bytes: as a file, and as entries whose checksums are right.
    static func takeHistory(_ bytes: [UInt8]) {
        check(HistoryFormat.read(bytes).entries)
        var frames: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count >= 2 {
            let head = Array(rest.prefix(2))
            rest = rest.dropFirst(2)
            let frame = Array(rest.prefix(Int(head[0]) << 8 | Int(head[1])))
            rest = rest.dropFirst(frame.count)
            frames.append(frame)
        }
        check(HistoryFormat.read(HistoryFormat.file(of: frames)).entries)
    }

    /// What was read is written, read again as the same, and gone on with.
    private static func check(_ entries: [HistoryEntry]) {
        let again = HistoryFormat.read(HistoryFormat.bytes(of: entries))
        precondition(again.fault == nil, "a history is not read as it was written")
        precondition(
            again.entries.map(\.number) == entries.map(\.number), "a handover is lost on the way")
        var history = History()
        history.read(entries, isDamaged: false)
        history.begin(
            RequestID(1), HistoryEntry(to: GenerationID(2)), at: Instant(sinceStart: .zero))
        _ = history.entries.map(\.kept)
    }

    static var historySeeds: [[UInt8]] {
        var entry = HistoryEntry(to: GenerationID(2))
        entry.number = 1
        entry.from = GenerationID(1)
        entry.launch.command = ["/bin/server"]
        entry.steps = [HistoryStep(after: .seconds(1), generation: GenerationID(2), what: "ready")]
        entry.samples = [
            HistorySample(
                after: .seconds(1), fromFlows: 3, toFlows: 4, datagrams: 5, opened: 6, drops: 7,
                toDatagrams: 2)
        ]
        let file = HistoryFormat.bytes(of: [entry])
        let frame = Array(file[28...])
        return [file, [UInt8(frame.count >> 8), UInt8(frame.count & 255)] + frame]
    }
}
