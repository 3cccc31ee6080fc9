import ArgumentParser
import ControlProtocol

/// `relevo promote`
struct PromoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Goes on to the next step of a canary, or ends a watch.",
        discussion: """
            After the last step the new generation is current. A step that was entered by hand lasts \
            as long as any other, also where the canary was held before. A generation that is watched \
            (upgrade --watch) stays, and the one before drains from now on. Where the canary has come to another \
            step just now, nothing is done, and the exit code is 1.

              relevo promote
              relevo promote dns --full
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: JSONOption

    @Flag(help: "All new flows go to the new generation now.")
    var full = false

    func run() throws {
        let connection = try ServiceConnection.open(service)
        let seen = try connection.status().generations.first {
            $0.canary != nil || $0.watch != nil
        }
        let request = seen.map { ControlRequest.promote(full: full, of: $0) }
        try CanaryChange.ask(
            try request.map { (request) throws(Failure) in try connection.understood(request) }
                ?? .promote(full: full), on: connection, output)
    }
}

/// `relevo hold`
struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keeps a canary in its step until promote or abort.",
        discussion: """
              relevo hold
              relevo hold dns
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: JSONOption

    func run() throws {
        try CanaryChange.ask(.hold, on: try ServiceConnection.open(service), output)
    }
}

/// `relevo abort`
struct AbortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Ends a canary or a watch: the former generation gets all new flows again.",
        discussion: """
            The new generation keeps the flows that it has until they end, like any that drains.

              relevo abort
              relevo abort dns
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: JSONOption

    func run() throws {
        try CanaryChange.ask(.abort, on: try ServiceConnection.open(service), output)
    }
}

/// A request about a canary, and what has come of it.
private enum CanaryChange {
    static func ask(
        _ request: ControlRequest, on connection: ControlConnection, _ output: JSONOption
    ) throws(Failure) {
        try connection.ask(request, output)
        if output.json { return }
        if let line = StatusText.newFlows(try connection.status()) { output.say(line) }
    }
}
