import Adoption
import HandoverCore
import Kernel

/// One process of a generation, and what ties it to the supervisor.
final class Worker {
    let id: WorkerID
    let pid: Int32
    let startedAt: Duration
    /// What a command that checks on it finds in its environment.
    let environment: [String]
    private let process: ChildProcess
    private let loop: EventLoop
    private var exitToken: EventLoop.Token?
    var outputs: [OutputPipe] = []
    var notify: NotifyEndpoint?
    var readiness: ReadinessWatch?
    var readyCommand: ReadyCommand?
    /// Whether it has been told to drain, and not to serve on since.
    var isDraining = false
    var watchdog: EventLoop.Token?
    /// What it last said with STATUS=.
    var statusText: String?

    init(
        _ id: WorkerID, _ process: consuming ChildProcess, _ start: WorkerStart, in loop: EventLoop,
        exited: @escaping (ProcessExit) -> Void
    ) throws(KernelError) {
        self.id = id
        self.loop = loop
        pid = process.pid
        environment = start.variables + ["MAINPID=\(process.pid)"]
        startedAt = MonotonicClock.now()
        self.process = process
        exitToken = try loop.register(self.process) { [unowned self] _ in
            endGroup()
            guard let exit = takeExit() else { return }
            exited(exit)
        }
    }

    deinit { letGo() }

    /// Sends a signal; nothing where the process is gone.
    func send(_ signal: Int32) {
        do {
            try process.signal(signal)
        } catch {
            preconditionFailure("a child of ours refuses signal \(signal): \(error)")
        }
    }

    func kill() { send(Signal.kill) }

    /// Ends every registration; what it printed last is passed on first.
    func letGo() {
        for output in outputs {
            output.drain()
            output.close()
        }
        outputs = []
        readiness?.stop()
        readiness = nil
        readyCommand?.stop()
        readyCommand = nil
        notify = nil
        for token in [exitToken, watchdog] {
            if let token { loop.remove(token) }
        }
        exitToken = nil
        watchdog = nil
    }

    /// Ends what the process has started, which would go on reading its sockets.
    ///
    /// Before it is reaped: until then its group's number is nobody else's.
    private func endGroup() {
        do {
            try process.signalGroup(Signal.kill)
        } catch {
            preconditionFailure("a process group of ours cannot be ended: \(error)")
        }
    }

    private func takeExit() -> ProcessExit? {
        do {
            return try process.takeExit()
        } catch {
            preconditionFailure("a child of ours cannot be waited for: \(error)")
        }
    }
}
