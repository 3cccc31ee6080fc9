import Kernel

/// The command of the rule `exec:`, run again and again until it ends with 0.
final class ReadyCommand {
    /// The wait after a run that ended otherwise.
    private static let pause = Duration.milliseconds(200)

    private let loop: EventLoop
    private let plan: () throws -> SpawnPlan
    private let succeeded: () -> Void
    private var process: Run?
    private var token: EventLoop.Token?

    /// One run of the command.
    private final class Run {
        let child: ChildProcess
        init(_ child: consuming ChildProcess) { self.child = child }
    }

    /// - Parameter plan: how it is run, asked for before each run.
    init(
        in loop: EventLoop, plan: @escaping () throws -> SpawnPlan,
        succeeded: @escaping () -> Void
    ) {
        self.loop = loop
        self.plan = plan
        self.succeeded = succeeded
        start()
    }

    deinit { stop() }

    /// The number of the run under way.
    var pid: Int32? { process?.child.pid }

    /// Ends it, a run under way included. Nobody waits for that: it is reaped as any child that
    /// nobody knows.
    func stop() {
        if let token { loop.remove(token) }
        token = nil
        _ = try? process?.child.signalGroup(SignalNumber.kill)
        process = nil
    }

    private func start() {
        do {
            var plan = try plan()
            plan.session = .newGroup
            let run = Run(try ChildProcess.spawn(plan))
            process = run
            token = try loop.register(run.child) { [unowned self] _ in ended() }
        } catch {
            again()
        }
    }

    private func ended() {
        guard let run = process, let exit = try? run.child.takeExit() else { return }
        if let token { loop.remove(token) }
        token = nil
        process = nil
        if exit == .code(0) { succeeded() } else { again() }
    }

    private func again() {
        token = loop.schedule(at: MonotonicClock.now() + Self.pause) { [unowned self] in
            token = nil
            start()
        }
    }
}
