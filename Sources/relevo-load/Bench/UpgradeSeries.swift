import Kernel

/// Many upgrades in a row, in the event loop of a load.
final class UpgradeSeries: SeriesUnderLoad {
    /// How long each `relevo upgrade` took.
    private(set) var times: [Duration] = []
    private(set) var failed: UInt64 = 0
    let commands: CommandsInLoop
    private let count: Int
    private let pause: Duration
    private let then: () -> Void

    init(
        _ count: Int, of service: SupervisedService, every pause: Duration, in loop: EventLoop,
        then: @escaping () -> Void
    ) {
        commands = CommandsInLoop(about: service, in: loop, failed: then)
        self.count = count
        self.pause = pause
        self.then = then
    }

    var ended: Int { times.count }

    /// Begins with the first one, after a pause.
    func begin() {
        commands.wait(pause) { [unowned self] in
            commands.run(["upgrade"]) { [unowned self] exit, time in
                times.append(time)
                if exit != .code(0) { failed += 1 }
                if ended == count { then() } else { begin() }
            }
        }
    }
}
