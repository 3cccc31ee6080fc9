import ControlProtocol
import Kernel

/// Upgrades in a row, of a service whose supervisors are killed meanwhile: what became of each.
final class HarriedUpgrades {
    private(set) var asked = 0
    /// Seen through by the supervisor that was asked.
    private(set) var finished = 0
    /// Seen through by a later one.
    private(set) var finishedLater = 0
    private(set) var undone = 0
    /// The supervisor was killed before it had heard of it.
    private(set) var unheard = 0
    /// Why one was undone, the last one.
    private(set) var reason: String?
    private let service: SupervisedService
    private let loop: EventLoop
    private var numbers: SeededNumbers
    private var failure: (any Error)?
    private var state = State.idle(until: .zero)
    private var ending: (() -> Void)?

    private enum State {
        case idle(until: Duration)
        case running(RunningCommand, newest: Int)
        case unresolved(newest: Int, since: Duration)
    }

    private final class RunningCommand {
        let process: ChildProcess
        init(_ process: consuming ChildProcess) { self.process = process }
    }

    init(of service: SupervisedService, seed: UInt64, in loop: EventLoop) {
        self.service = service
        self.loop = loop
        numbers = SeededNumbers(seed: ~seed)
    }

    /// Whether one has been asked for and the command has not ended.
    var isUnderWay: Bool {
        switch state {
        case .running: true
        case .idle, .unresolved: false
        }
    }

    func begin() {
        _ = loop.schedule(at: MonotonicClock.now() + .milliseconds(10)) { [unowned self] in
            do {
                if try step() { begin() }
            } catch {
                failure = error
                loop.stop()
            }
        }
    }

    /// Asks for no more; once it is known what became of the last one, calls `then`.
    func finish(then: @escaping () -> Void) { ending = then }

    /// Throws what went wrong inside the event loop.
    func rethrow() throws { if let failure { throw failure } }

    /// - Returns: whether to go on.
    private func step() throws -> Bool {
        switch state {
        case .idle(let until):
            if let ending {
                ending()
                return false
            }
            guard MonotonicClock.now() >= until, let status = try? service.status(),
                !isStarting(status)
            else { return true }
            let command = RunningCommand(try service.beginUpgrade())
            state = .running(command, newest: newest(status))
            asked += 1
        case .running(let command, let newest):
            guard let exit = try command.process.takeExit() else { return true }
            if exit == .code(0) {
                finished += 1
                rest()
            } else {
                state = .unresolved(newest: newest, since: MonotonicClock.now())
            }
        case .unresolved(let newest, let since):
            if MonotonicClock.now() - since > .seconds(60) {
                throw LoadError("an upgrade neither finished nor undone: \(service.tail())")
            }
            guard let status = try? service.status(), !isStarting(status) else { return true }
            resolve(status, newest)
            rest()
        }
        return true
    }

    private func resolve(_ status: ServiceStatus, _ before: Int) {
        if let current = status.current, current > before {
            finishedLater += 1
        } else if newest(status) > before {
            undone += 1
            reason = status.lastHandover?.reason ?? reason
        } else {
            unheard += 1
        }
    }

    private func rest() {
        let pause = numbers.duration(upTo: .milliseconds(150))
        state = .idle(until: MonotonicClock.now() + pause)
    }

    private func isStarting(_ status: ServiceStatus) -> Bool {
        status.handover?.phase == .start || status.handover?.phase == .ready
    }

    /// The newest generation that the supervisor has heard of.
    private func newest(_ status: ServiceStatus) -> Int {
        (status.generations.map(\.id) + [status.lastHandover?.to ?? 0]).max() ?? 0
    }
}
