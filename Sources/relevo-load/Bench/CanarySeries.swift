import Kernel

/// Many canaries in a row, in the event loop of a load; every second one is aborted in its last step.
final class CanarySeries: SeriesUnderLoad {
    private(set) var ended = 0
    private(set) var aborted: UInt64 = 0
    /// That did not end as was asked for.
    private(set) var odd: UInt64 = 0
    let commands: CommandsInLoop
    private let count: Int
    private let step: Duration
    private let then: () -> Void

    init(
        _ count: Int, of service: SupervisedService, step: Duration, in loop: EventLoop,
        then: @escaping () -> Void
    ) {
        commands = CommandsInLoop(about: service, in: loop, failed: then)
        self.count = count
        self.step = step
        self.then = then
    }

    private var isToBeAborted: Bool { ended.isMultiple(of: 2) }

    /// Begins with the first one, after a step.
    func begin() { commands.wait(step) { [unowned self] in start() } }

    private func start() {
        // The last step of one to be aborted does not end by itself before that.
        let time = isToBeAborted ? "1h" : "\(Int(step / .milliseconds(1)))ms"
        let wanted: ProcessExit = isToBeAborted ? .code(1) : .code(0)
        let upgrade = ["upgrade", "--canary", "5%,25%,50%", "--step", time]
        commands.run(upgrade) { [unowned self] exit, _ in
            if exit != wanted { odd += 1 }
            ended += 1
            if ended == count { then() } else { begin() }
        }
        if isToBeAborted { promote(times: 2) }
    }

    /// Goes on step by step, then aborts.
    private func promote(times: Int) {
        commands.wait(step) { [unowned self] in
            guard times > 0 else {
                aborted += 1
                return succeed(["abort"]) {}
            }
            succeed(["promote"]) { [unowned self] in promote(times: times - 1) }
        }
    }

    private func succeed(_ command: [String], _ then: @escaping () -> Void) {
        commands.run(command) { [unowned self] exit, _ in
            if exit != .code(0) { odd += 1 }
            then()
        }
    }
}
