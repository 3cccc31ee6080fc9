/// A message from the supervisor, split into its lines and no further.
struct Message {
    private let bytes: [UInt8]
    private let verbEnd: Int
    /// In the order they came.
    private var lines: [Line] = []

    private struct Line {
        let start: Int
        let equals: Int
        let end: Int
    }

    /// nil for what is no packet: a line without `=`, or no verb.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        let newline = UInt8(ascii: "\n")
        verbEnd = bytes.position(of: newline, from: 0)
        if verbEnd == 0 { return nil }
        var start = verbEnd + 1
        while start < bytes.count {
            let end = bytes.position(of: newline, from: start)
            let equals = bytes.position(of: UInt8(ascii: "="), from: start)
            if equals >= end { return nil }
            lines.append(Line(start: start, equals: equals, end: end))
            start = end + 1
        }
    }

    func isVerb(_ word: StaticString) -> Bool {
        verbEnd == word.utf8CodeUnitCount && bytes.starts(with: word, at: 0)
    }

    /// The value of the key, the `occurrence`th one (from 0) of a key that may be repeated.
    @inline(never)
    func value(_ key: StaticString, _ occurrence: Int = 0) -> [UInt8]? {
        var before = occurrence
        for line in lines
        where line.equals - line.start == key.utf8CodeUnitCount
            && bytes.starts(with: key, at: line.start)
        {
            if before == 0 { return bytes.piece(line.equals + 1, line.end) }
            before -= 1
        }
        return nil
    }

    @inline(never)
    func number(_ key: StaticString) -> UInt64? { value(key)?.number }
}
