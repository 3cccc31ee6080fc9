/// What a generation printed last, to be shown when it fails.
struct LastLines {
    /// Enough for a stack trace's head, few enough for a terminal.
    static let limit = 20

    private(set) var lines: [String]

    init(_ lines: [String] = []) { self.lines = lines.suffix(Self.limit) }

    mutating func append(_ line: String) {
        if lines.count == Self.limit { lines.removeFirst() }
        lines.append(line)
    }
}
