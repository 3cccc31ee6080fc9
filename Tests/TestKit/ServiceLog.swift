package import Kernel

/// What a supervisor and its workers say on one stream, read in the order of each source: lines of
/// two sources come in either order, so that one which is waited for never hides one of another.
package final class ServiceLog {
    private let reader: LineReader
    /// How many lines of each source are past: all up to the one last found.
    private var past: [Substring: Int] = [:]

    package init(_ reader: LineReader) { self.reader = reader }

    /// The next line of any source that has this in it; nil at the end or when the time is over.
    package func next(
        with text: String, within limit: Duration = .seconds(20)
    ) throws(KernelError) -> String? {
        let deadline = MonotonicClock.now() + limit
        var number = 0
        while true {
            while number < reader.lines.count {
                let line = reader.lines[number]
                number += 1
                let source = Self.source(of: line)
                guard number > past[source, default: 0], line.contains(text) else { continue }
                past[source] = number
                return line
            }
            let left = max(.zero, deadline - MonotonicClock.now())
            guard try reader.next(within: left) != nil else { return nil }
        }
    }

    /// The mark of a worker, empty for the supervisor itself.
    private static func source(of line: String) -> Substring {
        guard line.hasPrefix("["), let end = line.firstIndex(of: "]") else { return "" }
        return line[...end]
    }
}
