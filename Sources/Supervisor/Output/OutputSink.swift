import Kernel
import Synchronization

/// One of the supervisor's own outputs, shared by the log and the workers' lines.
///
/// A reader that is slow, or stopped, must not stop the supervisor: what does not go out at once is
/// held up to a limit, then dropped and the drop said.
package final class OutputSink: Sendable {
    private struct State {
        var held: [UInt8] = []
        var droppedLines = 0
        var closed = false
    }

    /// Bytes held for a slow reader before lines are dropped.
    static let limit = 1 << 20

    package static let standardOutput = OutputSink(.standardOutput)
    package static let standardError = OutputSink(.standardError)

    let output: PatientOutput
    private let state = Mutex(State())

    private init(_ output: PatientOutput) { self.output = output }

    /// Whether bytes wait for the reader.
    package var isBehind: Bool { state.withLock { !$0.held.isEmpty } }

    package func write(line: some Sequence<UInt8>) {
        state.withLock { state in
            if state.closed { return }
            if state.held.count > Self.limit {
                state.droppedLines += 1
                return
            }
            if state.droppedLines > 0 {
                state.held += Array("relevo: \(state.droppedLines) lines dropped: ".utf8)
                state.held += Array("the reader of this output is too slow\n".utf8)
                state.droppedLines = 0
            }
            state.held += line
            state.held.append(UInt8(ascii: "\n"))
            flush(&state)
        }
    }

    /// Tries again what was held; called when the reader may have caught up.
    package func flush() { state.withLock { flush(&$0) } }

    private func flush(_ state: inout State) {
        var sent = 0
        while sent < state.held.count {
            do {
                let taken = try output.write(state.held[sent...])
                if taken == 0 { break }
                sent += taken
            } catch {
                state.closed = true
                state.held = []
                return
            }
        }
        state.held.removeFirst(sent)
    }
}
