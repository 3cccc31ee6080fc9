import Kernel

/// Many canaries in a row, in the event loop of a load; every second one is aborted in its last step.
final class CanarySeries {
    private(set) var ended = 0
    private(set) var aborted: UInt64 = 0
    /// That did not end as was asked for.
    private(set) var odd: UInt64 = 0
    private let service: SupervisedService
    private let loop: EventLoop
    private let count: Int
    private let step: Duration
    private let then: () -> Void
    private var failure: (any Error)?
    private var running: [Command] = []

    init(
        _ count: Int, of service: SupervisedService, step: Duration, in loop: EventLoop,
        then: @escaping () -> Void
    ) {
        self.count = count
        self.service = service
        self.step = step
        self.loop = loop
        self.then = then
    }

    /// Begins with the first one, after a step.
    func begin() { schedule() }

    /// Throws what went wrong inside the event loop.
    func rethrow() throws { if let failure { throw failure } }

    private var isToBeAborted: Bool { ended.isMultiple(of: 2) }

    private func schedule() {
        _ = loop.schedule(at: MonotonicClock.now() + step) { [unowned self] in start() }
    }

    private func start() {
        // The last step of one to be aborted does not end by itself before that.
        let time = isToBeAborted ? "1h" : "\(Int(step / .milliseconds(1)))ms"
        run(["upgrade", "--canary", "5%,25%,50%", "--step", time]) { [unowned self] exit in
            let wanted: ProcessExit = isToBeAborted ? .code(1) : .code(0)
            if exit != wanted { odd += 1 }
            ended += 1
            if ended == count { then() } else { schedule() }
        }
        if isToBeAborted { promote(times: 2) }
    }

    /// Goes on step by step, then aborts.
    private func promote(times: Int) {
        _ = loop.schedule(at: MonotonicClock.now() + step) { [unowned self] in
            guard times > 0 else {
                aborted += 1
                return run(["abort"]) { [unowned self] exit in if exit != .code(0) { odd += 1 } }
            }
            run(["promote"]) { [unowned self] exit in
                if exit != .code(0) { odd += 1 }
                promote(times: times - 1)
            }
        }
    }

    private func run(_ command: [String], _ ended: @escaping (ProcessExit) -> Void) {
        do {
            let started = Command(try service.begin(command))
            running.append(started)
            started.token = try loop.register(started.process) { [unowned self] _ in
                guard let exit = try? started.process.takeExit() else { return }
                if let token = started.token { loop.remove(token) }
                running.removeAll { $0 === started }
                ended(exit)
            }
        } catch {
            failure = error
            then()
        }
    }

    private final class Command {
        let process: ChildProcess
        var token: EventLoop.Token?

        init(_ process: consuming ChildProcess) { self.process = process }
    }
}
