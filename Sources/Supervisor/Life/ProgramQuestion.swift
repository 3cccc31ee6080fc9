import Kernel

/// A program that is asked something and answers by its exit code, in the event loop.
final class ProgramQuestion {
    private let child: ChildProcess
    private let loop: EventLoop
    private var tokens: [EventLoop.Token] = []
    private var answered: ((ProcessExit?) -> Void)?

    /// Starts it.
    ///
    /// - Parameter answered: called once, with nil when the time is over first; then it is killed.
    init(
        _ plan: SpawnPlan, within limit: Duration, in loop: EventLoop,
        answered: @escaping (ProcessExit?) -> Void
    ) throws {
        child = try ChildProcess.spawn(plan)
        self.loop = loop
        self.answered = answered
        tokens.append(
            try loop.register(child) { [weak self] _ in
                if let exit = try? self?.child.takeExit() { self?.finish(exit) }
            })
        tokens.append(
            loop.schedule(at: MonotonicClock.now() + limit) { [weak self] in
                _ = try? self?.child.signalGroup(SignalNumber.kill)
                self?.finish(nil)
            })
    }

    deinit { stop() }

    /// Its process id. The code that reaps children must leave this one to `finish`.
    var pid: Int32 { child.pid }

    private func finish(_ exit: ProcessExit?) {
        stop()
        // The call may let go of this object.
        let answered = answered.take()
        answered?(exit)
    }

    private func stop() {
        for token in tokens { loop.remove(token) }
        tokens = []
    }
}
