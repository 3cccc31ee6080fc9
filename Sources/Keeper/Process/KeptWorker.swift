import Kernel

/// A worker that the keeper has started, until its end is released.
final class KeptWorker: DescriptorHolder {
    let name: String
    private let process: ChildProcess
    /// How it ended; nil while it runs.
    private(set) var exit: ProcessExit?

    init(_ name: String, _ process: consuming ChildProcess) {
        self.name = name
        self.process = process
    }

    var pid: Int32 { process.pid }

    /// Sends a signal; nothing where the process is gone or another user's.
    func send(_ signal: Int32) {
        if exit == nil { _ = try? process.signal(signal) }
    }

    /// Ends what it has started, which would go on reading its sockets, and reaps it.
    ///
    /// In that order: until then its group's number is nobody else's.
    func bury() {
        _ = try? process.signalGroup(SignalNumber.kill)
        do throws(KernelError) {
            exit = try process.takeExit() ?? exit
        } catch {
            preconditionFailure("a child of ours cannot be waited for: \(error)")
        }
    }

    func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try process.withRaw(body)
    }
}
