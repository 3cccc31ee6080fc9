package import Kernel

/// Lines from a descriptor, waited for instead of slept for.
package final class LineReader {
    private let descriptor: OwnedDescriptor
    private var pending: [UInt8] = []
    private var hasEnded = false
    /// All lines so far, for messages about what came instead.
    package private(set) var lines: [String] = []

    package init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// The next line; nil at the end or when the time is over.
    package func next(within limit: Duration = .seconds(20)) throws(KernelError) -> String? {
        let deadline = MonotonicClock.now() + limit
        while true {
            if let end = pending.firstIndex(of: 10) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                lines.append(line)
                return line
            }
            let left = max(.zero, deadline - MonotonicClock.now())
            guard !hasEnded, try descriptor.wait(for: .readable, within: left) else { return nil }
            let bytes = try descriptor.read(upTo: 65_536) ?? []
            hasEnded = bytes.isEmpty
            pending += bytes
        }
    }

    /// The next line that satisfies the condition, those before it skipped; nil at the end or when
    /// the time is over.
    package func next(
        within limit: Duration = .seconds(20), where condition: (String) -> Bool
    ) throws(KernelError) -> String? {
        let deadline = MonotonicClock.now() + limit
        while let line = try next(within: max(.zero, deadline - MonotonicClock.now())) {
            if condition(line) { return line }
        }
        return nil
    }

    /// All lines up to the end.
    package func rest(within limit: Duration = .seconds(20)) throws(KernelError) -> [String] {
        var rest: [String] = []
        let deadline = MonotonicClock.now() + limit
        while let line = try next(within: max(.zero, deadline - MonotonicClock.now())) {
            rest.append(line)
        }
        if !pending.isEmpty { rest.append(String(decoding: pending, as: UTF8.self)) }
        return rest
    }
}
