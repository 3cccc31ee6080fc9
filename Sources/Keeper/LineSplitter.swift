/// Cuts a worker's output into lines; a line too long to hold is cut where it overflows.
package struct LineSplitter {
    /// Long enough for any log line, short enough that a worker cannot fill our memory.
    package static let longestLine = 8192

    package init() {}

    private var rest: [UInt8] = []

    /// The lines completed by these bytes, without their line ends.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
                lines.append(rest)
                rest.removeAll(keepingCapacity: true)
            } else {
                rest.append(byte)
                if rest.count == Self.longestLine {
                    lines.append(rest)
                    rest.removeAll(keepingCapacity: true)
                }
            }
        }
        return lines
    }

    /// What was said last without a line end, at the end of the output.
    package mutating func finish() -> [UInt8]? {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }
}
