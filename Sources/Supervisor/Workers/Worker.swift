import Adoption
import HandoverCore
import Keeper
import Kernel

/// One process of a generation, and what ties it to the supervisor.
///
/// It is the keeper's child: its end is told by that, and only where the keeper has died, or the
/// worker has joined, it is watched from here.
final class Worker {
    let id: WorkerID
    let startedAt: Duration
    /// What a command that checks on it finds in its environment.
    let environment: [String]
    let ends: WorkerEnds
    let process: KeptProcess
    /// Whether somebody else has started it.
    let isJoined: Bool
    private let loop: EventLoop
    private var exitToken: EventLoop.Token?
    var outputs: [OutputPipe] = []
    var readiness: ReadinessWatch?
    var readyCommand: ReadyCommand?
    /// nil where it has none, or closed it.
    var channel: WorkerChannel?
    /// The deadline that it was told of last, while it drains.
    var toldDeadline: Instant?
    /// Whether it has been told to drain, and not to serve on since.
    var isDraining = false
    var watchdog: EventLoop.Token?
    /// What it has bound that is no listener's, as addresses of listeners are written.
    var foreignBinds: [String] = []
    /// What it last said with STATUS=.
    var statusText: String?
    /// Whether it has been told that others send to its notify socket.
    var wasSpokenForByOthers = false

    /// - Parameters:
    ///   - process: one that runs, started just now or by an earlier supervisor.
    ///   - startedAt: on `MonotonicClock.now()`.
    init(
        _ id: WorkerID, adopting process: KeptProcess, _ ends: WorkerEnds, environment: [String],
        startedAt: Duration, isJoined: Bool = false, in loop: EventLoop
    ) {
        self.id = id
        self.process = process
        self.isJoined = isJoined
        self.ends = ends
        self.environment = environment
        self.startedAt = startedAt
        self.loop = loop
    }

    deinit { letGo() }

    var pid: Int32 { process.pid }

    /// Whether it has said something that was not handled yet.
    var hasUnheard: Bool {
        func waits(_ holder: some DescriptorHolder) -> Bool { (try? holder.isReadable()) ?? false }
        if let notify = ends.notify, waits(notify) { return true }
        guard let channel, channel.isOpen, let end = ends.channel else { return false }
        return waits(end)
    }

    /// Sends a signal; nothing where the process is gone, or became another user's. One that has
    /// joined is told over its channel: signals are its own system's.
    func send(_ signal: Int32) {
        if !isJoined { _ = try? process.handle.signal(signal) }
    }

    /// Whether it is sure to end by that.
    @discardableResult
    func kill() -> Bool { (try? process.handle.signal(SignalNumber.kill)) ?? false }

    /// Watches for its end without a keeper that tells it; nil where it is not known how it ended.
    func watch(ended: @escaping (ProcessExit?) -> Void) throws(KernelError) {
        if let exitToken { loop.remove(exitToken) }
        exitToken = try loop.register(process) { [unowned self] _ in
            if let exitToken { loop.remove(exitToken) }
            exitToken = nil
            process.endGroup()
            findExit(until: MonotonicClock.now() + Self.patience, ended)
        }
    }

    /// How long it is waited for that somebody else reaps it: the kernel tells only after.
    private static let patience = Duration.milliseconds(200)

    private func findExit(until deadline: Duration, _ ended: @escaping (ProcessExit?) -> Void) {
        let exit: ProcessExit?
        do throws(KernelError) {
            exit = try process.exit()
        } catch {
            return ended(nil)
        }
        let now = MonotonicClock.now()
        guard exit == nil, now < deadline else { return ended(exit) }
        exitToken = loop.schedule(at: now + .milliseconds(5)) { [unowned self] in
            exitToken = nil
            findExit(until: deadline, ended)
        }
    }

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
        ends.notify?.close()
        ends.calls?.close()
        channel?.close()
        channel = nil
        for token in [exitToken, watchdog] {
            if let token { loop.remove(token) }
        }
        exitToken = nil
        watchdog = nil
    }
}
