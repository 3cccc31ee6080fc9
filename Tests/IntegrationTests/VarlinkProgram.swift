import Kernel
import TestKit
import Testing

/// A client of the control socket that is not ours: the package `varlink` from PyPI.
enum VarlinkProgram {
    /// An interpreter that has the package; `Tests/run` makes one.
    static let interpreter = Environment.value(of: "RELEVO_TEST_PYTHON")

    /// Runs this text, in which `open_it()` gives a connection to `org.relevo.Supervisor`.
    static func run(_ body: String, on service: Service) throws -> Finished {
        try Finished.running([
            try #require(interpreter), "-c", prelude + body, service.control,
        ])
    }

    /// As `run`, without waiting for the end.
    static func start(_ body: String, on service: Service) throws -> TestProcess {
        try TestProcess(
            [try #require(interpreter), "-c", prelude + body, service.control],
            separateErrors: true)
    }

    private static let prelude = """
        import json, sys, varlink

        client = varlink.Client("unix:" + sys.argv[1])

        def open_it():
            return client.open("org.relevo.Supervisor")

        def say(*values):
            print(*values, flush=True)


        """
}

extension Trait where Self == ConditionTrait {
    /// Skips where no Python with the package is named.
    static var needsVarlink: Self {
        .enabled(
            if: VarlinkProgram.interpreter != nil,
            "RELEVO_TEST_PYTHON names no python with the package varlink (Tests/run makes one)")
    }
}
