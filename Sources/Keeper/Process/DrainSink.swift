import Kernel

/// The keeper's own standard output or error, for workers' lines; never waits for its reader.
final class DrainSink {
    /// Bytes held for a slow reader before lines are dropped.
    private static let limit = 1 << 18
    /// How soon a reader that was slow is tried again.
    private static let retryInterval = Duration.milliseconds(20)

    private let output: PatientOutput
    private let loop: EventLoop
    private var held: [UInt8] = []
    private var droppedLines = 0
    private var retry: EventLoop.Token?
    private var isClosed = false

    init(_ output: PatientOutput, in loop: EventLoop) {
        self.output = output
        self.loop = loop
    }

    deinit { if let retry { loop.remove(retry) } }

    /// Writes a line, or drops it and says so once there is room.
    func write(_ line: [UInt8]) {
        if isClosed { return }
        if held.count > Self.limit {
            droppedLines += 1
            return
        }
        if droppedLines > 0 {
            held += Array("relevo: \(droppedLines) lines dropped: ".utf8)
            held += Array("the reader of this output is too slow\n".utf8)
            droppedLines = 0
        }
        held += line
        held.append(UInt8(ascii: "\n"))
        flush()
    }

    /// Writes what goes without waiting.
    func flush() {
        var sent = 0
        while sent < held.count {
            do throws(KernelError) {
                let taken = try output.write(held[sent...])
                if taken == 0 { break }
                sent += taken
            } catch {
                isClosed = true
                held = []
                return
            }
        }
        held.removeFirst(sent)
        guard !held.isEmpty, retry == nil else { return }
        retry = loop.schedule(at: MonotonicClock.now() + Self.retryInterval) { [weak self] in
            self?.retry = nil
            self?.flush()
        }
    }
}
