import Kernel

/// A command that is run once and for so long at most: the check of a canary's step, a hook.
final class LimitedCommand {
    private let loop: EventLoop
    private let ended: (String?) -> Void
    private var process: Run?
    private var tokens: [EventLoop.Token] = []
    private var output: OutputPipe?
    private var lastWords = LastWords()

    private final class Run {
        let child: ChildProcess
        init(_ child: consuming ChildProcess) { self.child = child }
    }

    /// - Parameters:
    ///   - limit: one that takes longer has failed.
    ///   - ended: is told why it failed, or nil.
    init(
        _ plan: SpawnPlan, for limit: Duration, in loop: EventLoop,
        ended: @escaping (String?) -> Void
    ) throws {
        self.loop = loop
        self.ended = ended
        var pipe = try Pipe(nonBlockingReader: true)
        let writer = pipe.takeWriter()
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        try descriptors.place(writer, at: 2)
        var plan = plan
        plan.session = .newGroup
        let run = Run(try ChildProcess.spawn(plan, descriptors: descriptors))
        process = run
        output = try OutputPipe(reading: SharedDescriptor(pipe.takeReader()), in: loop) {
            [unowned self] in lastWords.heard($0, ofErrors: false)
        }
        tokens = [
            try loop.register(run.child) { [unowned self] _ in take() },
            loop.schedule(at: MonotonicClock.now() + limit) { [unowned self] in
                end("has not ended within \(limit)")
            },
        ]
    }

    deinit { stop() }

    var pid: Int32? { process?.child.pid }

    private func leaveLoop() {
        for token in tokens { loop.remove(token) }
        tokens = []
    }

    /// Ends it. Nobody waits for that: it is reaped as any child that nobody knows.
    private func stop() {
        leaveLoop()
        _ = try? process?.child.signalGroup(SignalNumber.kill)
        process = nil
    }

    private func take() {
        guard let exit = try? process?.child.takeExit() else { return }
        leaveLoop()
        // Its number may be another one's from here on: what it has left is not signalled.
        process = nil
        output?.drain()
        switch exit {
        case .code(0): end(nil)
        case .code(let code): end("ended with code \(code)")
        case .signal(let number, _): end("was ended by signal \(number)")
        }
    }

    private func end(_ fault: String?) {
        stop()
        output = nil
        ended(fault.map(lastWords.after))
    }
}
