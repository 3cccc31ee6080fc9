import Kernel

/// Many upgrades in a row, in the event loop of a load.
final class UpgradeSeries {
    /// How long each `relevo upgrade` took.
    private(set) var times: [Duration] = []
    private(set) var failed: UInt64 = 0
    private let service: SupervisedService
    private let loop: EventLoop
    private let count: Int
    private let pause: Duration
    private let then: () -> Void
    private var failure: (any Error)?
    private var command: RunningCommand?

    init(
        _ count: Int, of service: SupervisedService, every pause: Duration, in loop: EventLoop,
        then: @escaping () -> Void
    ) {
        self.count = count
        self.service = service
        self.pause = pause
        self.loop = loop
        self.then = then
    }

    /// Begins with the first one, after a pause.
    func begin() { schedule() }

    /// Throws what went wrong inside the event loop.
    func rethrow() throws { if let failure { throw failure } }

    private func schedule() {
        _ = loop.schedule(at: MonotonicClock.now() + pause) { [unowned self] in start() }
    }

    private func start() {
        do {
            let running = RunningCommand(try service.beginUpgrade(), at: MonotonicClock.now())
            running.token = try loop.register(running.process) { [unowned self] _ in end() }
            command = running
        } catch {
            failure = error
            then()
        }
    }

    private func end() {
        guard let running = command, let exit = try? running.process.takeExit() else { return }
        if let token = running.token { loop.remove(token) }
        command = nil
        times.append(MonotonicClock.now() - running.start)
        if exit != .code(0) { failed += 1 }
        if times.count == count { then() } else { schedule() }
    }

    private final class RunningCommand {
        let process: ChildProcess
        let start: Duration
        var token: EventLoop.Token?

        init(_ process: consuming ChildProcess, at start: Duration) {
            self.process = process
            self.start = start
        }
    }
}
