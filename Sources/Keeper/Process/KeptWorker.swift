import Kernel

/// A worker that the keeper has started, until its end is released.
final class KeptWorker: DescriptorHolder {
    let name: String
    /// The entry of its environment that no other process's has but those that it starts.
    let mark: [UInt8]?
    private let process: ChildProcess
    private var ended: ProcessExit?
    /// What it has left behind and what must end before its own end is told.
    private(set) var left: Set<Int32> = []

    init(_ name: String, mark: [UInt8]?, _ process: consuming ChildProcess) {
        self.name = name
        self.mark = mark
        self.process = process
    }

    var pid: Int32 { process.pid }

    /// How it ended; nil while it runs, or something that it has left behind does.
    var exit: ProcessExit? { left.isEmpty ? ended : nil }

    /// Whether its own process has ended.
    var isBuried: Bool { ended != nil }

    /// Sends a signal; nothing where the process is gone or another user's.
    func send(_ signal: Int32) {
        if ended == nil { _ = try? process.signal(signal) }
    }

    /// Ends what it has started in its process group, which would go on reading its sockets, and reaps it.
    ///
    /// In that order: until then its group's number is nobody else's.
    func bury() {
        _ = try? process.signalGroup(SignalNumber.kill)
        do throws(KernelError) {
            ended = try process.takeExit() ?? ended
        } catch {
            preconditionFailure("a child of ours cannot be waited for: \(error)")
        }
    }

    /// Ends children of the keeper that it has left behind.
    func end(_ orphans: [Int32]) {
        left = Set(orphans)
        for orphan in orphans { Reaping.endChild(orphan) }
    }

    func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try process.withRaw(body)
    }
}
