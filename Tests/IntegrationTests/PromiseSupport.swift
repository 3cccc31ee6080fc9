import Kernel
import TestKit
import Testing

/// The tests of what design and README promise, one after the other: each loads the machine.
@Suite(.serialized, .ownNetwork, .needsOwnNetwork, .needsFlowSteering) enum Promises {}

/// Where the services of these tests listen, each in a network of its own.
let address = "127.0.0.1:4433"

/// Options of a service that hands over fast.
let quick = ["--listen", "udp://\(address)", "--linger", "20ms", "--idle-timeout", "1s"]

/// The echo server as a command.
func echo(_ options: String...) throws -> [String] { try echo(options) }

/// The echo server as a command.
func echo(_ options: [String]) throws -> [String] {
    [try Programs.path("relevo-load"), "serve"] + options
}

/// A load of flows that stay.
let lastingFlows = ["--flows", "50", "--rate", "1000"]

/// A load of flows that end while new ones are opened.
let changingFlows = ["--flows", "100", "--rate", "2000", "--open-rate", "200"]

extension LoadResult {
    /// Whether all was answered, and by no other generations than these.
    func isAnswered(by generations: Int...) -> Bool {
        ok && sent > 0 && answered == sent && answeringGenerations == Set(generations)
    }

    var answeringGenerations: Set<Int> { Set(generations.keys.compactMap { Int($0) }) }
}

extension Finished {
    var succeeded: Bool { exit == .code(0) }

    /// Whether it ended with this code and said this in one line of standard error.
    func failed(_ code: Int32, saying words: String) -> Bool {
        exit == .code(code) && errors.count == 1 && errors.first?.contains(words) ?? false
    }
}

extension Service {
    /// Upgrades and says whether that succeeded.
    func upgrade(_ arguments: String..., to command: [String] = []) throws -> Bool {
        try upgrading(arguments, to: command).succeeded
    }

    /// Upgrades and hands back what the command line said.
    func upgrading(_ arguments: [String] = [], to command: [String]) throws -> Finished {
        try relevo(["upgrade"] + arguments + (command.isEmpty ? [] : ["--"] + command))
    }
}
