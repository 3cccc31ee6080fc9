import Kernel
package import Settings
import Synchronization
import Systemd

/// One of the supervisor's own outputs, shared by the log and the workers' lines.
///
/// A reader that is slow, or stopped, must not stop the supervisor: what does not go out at once is
/// held up to a limit, then dropped and the drop said. Where it goes to systemd's journal, entries go
/// there whole, and as text only where the journal does not take them.
package final class OutputSink: Sendable {
    private struct State {
        var held: [UInt8] = []
        var entries: [OutputEntry] = []
        var droppedLines = 0
        var closed = false
        var format = LogFormat.text

        /// What is said of lines that were dropped, once.
        mutating func dropped() -> String {
            defer { droppedLines = 0 }
            return "\(droppedLines) lines dropped: the reader of this output is too slow"
        }
    }

    /// Bytes held for a slow reader before lines are dropped.
    static let limit = 1 << 20
    /// Entries held for a slow journal before further ones are dropped.
    private static let entryLimit = 1000

    package static let standardOutput = OutputSink(.standardOutput, StandardStream.output)
    package static let standardError = OutputSink(.standardError, StandardStream.error)

    let output: PatientOutput
    /// Nil where something else than the journal reads us.
    private let journal: JournalSocket?
    private let state = Mutex(State())

    private init(_ output: PatientOutput, _ stream: StandardStream) {
        self.output = output
        journal = stream.isJournal ? JournalSocket() : nil
    }

    /// Whether something waits for the reader.
    package var isBehind: Bool {
        state.withLock { !$0.held.isEmpty || !$0.entries.isEmpty }
    }

    package func write(_ entry: OutputEntry) { write([entry]) }

    /// Writes several in one go.
    func write(_ entries: [OutputEntry]) {
        if journal == nil { LogTail.shared.add(entries) }
        state.withLock { state in
            for entry in entries {
                if journal == nil {
                    hold(entry.line(as: state.format), in: &state)
                } else {
                    hold(entry, in: &state)
                }
            }
            flush(&state)
        }
    }

    /// What lines look like from here on, where no journal reads them.
    package func use(_ format: LogFormat) { state.withLock { $0.format = format } }

    package func write(line: some Sequence<UInt8>) {
        state.withLock { state in
            hold(line, in: &state)
            flush(&state)
        }
    }

    /// Tries again what was held; called when the reader may have caught up.
    package func flush() { state.withLock { flush(&$0) } }

    private func hold(_ entry: OutputEntry, in state: inout State) {
        if state.entries.count >= Self.entryLimit {
            state.droppedLines += 1
            return
        }
        if state.droppedLines > 0 {
            state.entries.append(OutputEntry(warning: state.dropped()))
        }
        state.entries.append(entry)
    }

    private func hold(_ line: some Sequence<UInt8>, in state: inout State) {
        if state.closed { return }
        if state.held.count > Self.limit {
            state.droppedLines += 1
            return
        }
        if state.droppedLines > 0 {
            state.held += OutputEntry(warning: state.dropped()).line(as: state.format)
            state.held.append(UInt8(ascii: "\n"))
        }
        state.held += line
        state.held.append(UInt8(ascii: "\n"))
    }

    private func flush(_ state: inout State) {
        if let journal { flush(&state, to: journal) }
        flushText(&state)
    }

    private func flush(_ state: inout State, to journal: JournalSocket) {
        var sent = 0
        for entry in state.entries {
            switch journal.send(entry.entry) {
            case .taken: break
            case .full:
                state.entries.removeFirst(sent)
                return
            // systemd reads a priority in front of it, which no object has.
            case .refused: hold(entry.text, in: &state)
            }
            sent += 1
        }
        state.entries = []
    }

    private func flushText(_ state: inout State) {
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
