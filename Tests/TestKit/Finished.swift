package import Kernel

/// What a program that ran to its end has left.
package struct Finished: Sendable {
    package let exit: ProcessExit?
    package let output: [String]
    package let errors: [String]

    /// Its output as one text.
    package var text: String { output.joined(separator: "\n") }

    /// Runs a program and waits for its end.
    package static func running(
        _ command: [String], environment: [String] = Environment.strings(),
        within limit: Duration = .seconds(60)
    ) throws -> Finished {
        try TestProcess(command, environment: environment, separateErrors: true)
            .finished(within: limit)
    }
}

extension TestProcess {
    /// Waits for its end and takes all that it printed.
    package func finished(within limit: Duration = .seconds(60)) throws -> Finished {
        let output = try output.rest(within: limit)
        let errors = try errors.rest(within: limit)
        return Finished(exit: try exit(within: limit), output: output, errors: errors)
    }
}
