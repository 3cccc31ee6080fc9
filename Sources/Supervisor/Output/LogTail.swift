import Kernel
import Settings
import Synchronization

/// What was printed and is not in the log's file yet, as objects of JSON, a line each.
///
/// Adding to it never waits. A descriptor wakes its owner, who takes all.
final class LogTail: Sendable {
    /// Bytes that wait for the disk before lines are left out.
    static let limit = 1 << 20

    private struct State {
        var lines: [UInt8] = []
        var left = 0
        /// One byte is in it while anything waits.
        var bell: SharedDescriptor?
    }

    static let shared = LogTail()

    private let state = Mutex(State())

    /// Begins to collect.
    ///
    /// - Returns: what becomes readable when there is something to take.
    func open() throws(KernelError) -> OwnedDescriptor {
        var pipe = try Pipe(nonBlockingReader: true)
        let writer = pipe.takeWriter()
        let bell = SharedDescriptor(writer)
        state.withLock { $0.bell = bell }
        return pipe.takeReader()
    }

    func close() {
        state.withLock { state in
            state.bell = nil
            state.lines = []
        }
    }

    func add(_ entries: [OutputEntry]) {
        state.withLock { state in
            guard state.bell != nil else { return }
            let wasEmpty = state.lines.isEmpty
            for entry in entries { Self.hold(entry, &state) }
            if wasEmpty, !state.lines.isEmpty { try? state.bell?.writeAll([0]) }
        }
    }

    private static func hold(_ entry: OutputEntry, _ state: inout State) {
        guard state.lines.count <= Self.limit else {
            state.left += 1
            return
        }
        state.lines += entry.line(as: .json)
        state.lines.append(UInt8(ascii: "\n"))
    }

    /// All that waits, and how many lines were left out before its end.
    func take() -> (lines: [UInt8], left: Int) {
        state.withLock { state in
            defer { (state.lines, state.left) = ([], 0) }
            return (state.lines, state.left)
        }
    }
}
