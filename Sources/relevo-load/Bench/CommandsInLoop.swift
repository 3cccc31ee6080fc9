import ControlProtocol
import Kernel

/// Commands of `relevo` about a service, run in the event loop of a load.
final class CommandsInLoop {
    private let service: SupervisedService
    private let loop: EventLoop
    private let failed: () -> Void
    private var failure: (any Error)?
    private var running: [Command] = []

    /// - Parameter failed: is called when a command could not be started.
    init(about service: SupervisedService, in loop: EventLoop, failed: @escaping () -> Void) {
        self.service = service
        self.loop = loop
        self.failed = failed
    }

    /// Throws why a command could not be started.
    func rethrow() throws { if let failure { throw failure } }

    /// Runs a command; then tells how it ended, and how long that took.
    func run(_ command: [String], _ ended: @escaping (ProcessExit, Duration) -> Void) {
        let start = MonotonicClock.now()
        do {
            let started = Command(try service.begin(command))
            running.append(started)
            started.token = try loop.register(started.process) { [unowned self] _ in
                guard let exit = try? started.process.takeExit() else { return }
                if let token = started.token { loop.remove(token) }
                running.removeAll { $0 === started }
                ended(exit, MonotonicClock.now() - start)
            }
        } catch {
            failure = error
            failed()
        }
    }

    func wait(_ time: Duration, then: @escaping () -> Void) {
        _ = loop.schedule(at: MonotonicClock.now() + time, handler: then)
    }

    private final class Command {
        let process: ChildProcess
        var token: EventLoop.Token?

        init(_ process: consuming ChildProcess) { self.process = process }
    }
}

/// What is done to a service again and again while it is under load.
protocol SeriesUnderLoad: AnyObject {
    /// How many times so far.
    var ended: Int { get }
    var commands: CommandsInLoop { get }
    func begin()
}

extension SupervisedService {
    /// Runs a series under a load, to its end.
    ///
    /// - Parameters:
    ///   - make: makes the series, which calls what it is given when it has ended.
    ///   - name: of what is done, for the line that tells how far it is.
    /// - Returns: the series, what became of the load, and how many datagrams the kernel dropped.
    func run<Series: SeriesUnderLoad>(
        _ count: Int, _ name: String, under plan: LoadPlan,
        _ make: (EventLoop, @escaping () -> Void) -> Series
    ) throws -> (Series, Tally, drops: UInt64) {
        let loop = try EventLoop()
        let load = try LoadRun(plan, in: loop)
        let series = make(loop) { [unowned load] in load.stopSending() }
        let progress = ProgressLine(in: loop) { [unowned series, unowned load] in
            "\(name) \(series.ended) of \(count)  sent \(load.tally.sent)  "
                + "under way \(load.tally.unanswered)  generation \(load.newest)"
        }
        load.send { loop.stop() }
        series.begin()
        progress.begin()
        try loop.run()
        progress.end()
        try load.rethrow()
        try series.commands.rethrow()
        let drops = try status().listeners.reduce(0) { $0 + $1.counters.drops }
        return (series, load.tally, UInt64(drops))
    }
}

extension Tally {
    /// What no series may do to a load.
    func bars(drops: UInt64) -> [Bar] {
        [
            .exactly(0, "datagrams lost", lost),
            .exactly(0, "datagrams refused", refused),
            .exactly(0, "datagrams answered twice", duplicate),
            .exactly(0, "flows moved", moved),
            .exactly(0, "flows forgotten", restarted),
            .exactly(0, "datagrams dropped by the kernel", drops),
            .exactly(0, "answers dropped by this program", ownDrops),
        ]
    }
}
