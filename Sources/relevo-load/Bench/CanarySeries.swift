import Kernel

/// Many canaries in a row, in the event loop of a load; the check of every second one fails in its last step.
final class CanarySeries: SeriesUnderLoad {
    private(set) var ended = 0
    private(set) var aborted: UInt64 = 0
    /// Fails in the third step.
    private static let check = "exec:/bin/sh -c 'test $RELEVO_STEP -lt 3'"
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

    /// Begins with the first one, after a step.
    func begin() { commands.wait(step) { [unowned self] in start() } }

    private func start() {
        let isToBeAborted = ended.isMultiple(of: 2)
        let wanted: ProcessExit = isToBeAborted ? .code(1) : .code(0)
        let upgrade =
            [
                "upgrade", "--canary", "5%,25%,50%", "--step",
                "\(Int(step / .milliseconds(1)))ms",
            ] + (isToBeAborted ? ["--check", Self.check] : [])
        commands.run(upgrade) { [unowned self] exit, _ in
            if exit != wanted { odd += 1 }
            if isToBeAborted { aborted += 1 }
            ended += 1
            if ended == count { then() } else { begin() }
        }
    }
}
