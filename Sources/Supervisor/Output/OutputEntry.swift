import Kernel
import Systemd

/// One line of output: text for people, and its facts for the journal where that reads us.
package struct OutputEntry {
    /// Without its line end.
    let text: [UInt8]
    let entry: JournalEntry
    /// As many bytes at the beginning of the entry's message tell whose it is, which its fields do as well.
    var mark = 0
    /// Since 1970.
    let time = MonotonicClock.sinceEpoch()
}

extension OutputEntry {
    /// A line that a worker has printed.
    ///
    /// - Parameters:
    ///   - mark: tells in the text whose line it is.
    ///   - program: the worker's, whose base name stands before its lines in the journal.
    init(ofWorker line: [UInt8], mark: String, program: String, fields: [String: String]) {
        let (priority, message) = Self.split(line)
        text = Array(mark.utf8) + line
        entry = JournalEntry(
            Array(mark.utf8) + message, priority: priority ?? 6,
            identifier: program.split(separator: "/").last.map(String.init) ?? program,
            fields: fields)
        self.mark = mark.utf8.count
    }

    /// A line of our own that is no part of the log.
    init(warning: String) {
        text = Array("relevo: \(warning)".utf8)
        entry = JournalEntry(Array(warning.utf8), priority: 4, identifier: "relevo")
    }

    /// Why this process ends.
    package init(fatal reason: String) {
        let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
        let mark = StandardStream.error.isJournal ? "<3>" : ""
        text = Array("\(mark)relevo: \(line)".utf8)
        entry = JournalEntry(Array(line.utf8), priority: 3, identifier: "relevo")
    }

    /// Takes a priority such as `<3>` off the front of a line (sd-daemon(3)).
    private static func split(_ line: [UInt8]) -> (priority: Int?, message: ArraySlice<UInt8>) {
        guard line.count >= 3, line[0] == UInt8(ascii: "<"), line[2] == UInt8(ascii: ">"),
            UInt8(ascii: "0")...UInt8(ascii: "7") ~= line[1]
        else { return (nil, line[...]) }
        return (Int(line[1] - UInt8(ascii: "0")), line[3...])
    }
}
