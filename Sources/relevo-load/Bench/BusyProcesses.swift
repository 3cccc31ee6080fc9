import Kernel

/// Processes that do nothing but compute, so that every CPU is wanted by somebody at any time.
final class BusyProcesses {
    private final class Busy {
        let child: ChildProcess
        init(_ child: consuming ChildProcess) { self.child = child }
    }

    private var processes: [Busy] = []

    init(_ count: Int) throws {
        let shell = try resolveExecutable("sh")
        for _ in 0..<count {
            var plan = SpawnPlan(
                executable: shell, arguments: [shell, "-c", "while :; do :; done"],
                environment: Environment.strings())
            plan.deathSignal = SignalNumber.kill
            processes.append(Busy(try ChildProcess.spawn(plan)))
        }
    }

    deinit {
        for process in processes {
            _ = try? process.child.signal(SignalNumber.kill)
            _ = try? process.child.waitForExit()
        }
    }
}
