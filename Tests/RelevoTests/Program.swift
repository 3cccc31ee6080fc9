import Foundation
import Kernel
import TestKit

/// The program as it is built, beside the tests.
enum Program {
    static var folder: String {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
    }

    /// What one run printed and how it ended.
    struct Outcome: Equatable {
        var output: [String] = []
        var errors: [String] = []
        var exit: ProcessExit?
    }

    static func run(_ arguments: String..., environment: [String] = []) throws -> Outcome {
        let process = try TestProcess(
            ["\(folder)/relevo"] + arguments, environment: environment, separateErrors: true)
        return Outcome(
            output: try process.output.rest(), errors: try process.errors.rest(),
            exit: try process.exit())
    }
}
