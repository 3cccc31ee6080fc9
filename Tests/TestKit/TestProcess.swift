package import Kernel

/// A program that a test runs; killed and reaped when the test lets go of it.
package final class TestProcess {
    private let child: ChildProcess
    private var end: ProcessExit?
    /// What it prints, standard error included unless asked otherwise.
    package let output: LineReader
    /// Its standard error; empty when that goes with the output.
    package let errors: LineReader

    package var pid: Int32 { child.pid }

    /// Starts a program found in PATH; more descriptors may be placed from 3 on.
    package init(
        _ command: [String], environment: [String] = Environment.strings(),
        separateErrors: Bool = false, givesOwnPID: Bool = false,
        descriptors: consuming DescriptorPlan = DescriptorPlan()
    ) throws {
        let executable = try resolveExecutable(command.first ?? "")
        var plan = SpawnPlan(executable: executable, arguments: command, environment: environment)
        plan.givesOwnPID = givesOwnPID
        var outputPipe = try Pipe()
        var errorPipe = try Pipe()
        let outputEnd = outputPipe.takeWriter()
        let errorEnd = errorPipe.takeWriter()
        try descriptors.place(outputEnd, at: 1)
        if separateErrors {
            try descriptors.place(errorEnd, at: 2)
        } else {
            try descriptors.place(outputEnd, at: 2)
        }
        child = try ChildProcess.spawn(plan, descriptors: descriptors)
        output = LineReader(outputPipe.takeReader())
        errors = LineReader(errorPipe.takeReader())
    }

    deinit {
        guard end == nil else { return }
        // Nobody is left to be told: the process is gone either way.
        _ = try? child.signal(9)
        _ = try? child.waitForExit()
    }

    /// Sends a signal; false when it has ended.
    @discardableResult
    package func signal(_ signal: Int32) throws -> Bool { try child.signal(signal) }

    /// Waits for its end; nil when the time is over.
    package func exit(within limit: Duration = .seconds(20)) throws -> ProcessExit? {
        if let end { return end }
        guard try child.wait(for: .readable, within: limit) else { return nil }
        end = try child.takeExit()
        return end
    }
}
