import ArgumentParser
import ControlProtocol
import Settings

/// `relevo stop`
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Drains the service and stops it.",
        discussion: """
            No new flow is taken; the service ends when no flow is left, or after StopDrainTimeout= of its
            settings, 30s unless set. One whose supervisor is gone is ended by its keeper, without a drain.
            Without a name a person is asked first, and a script is refused.

              relevo stop dns
              relevo stop dns --drain-timeout 0
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: JSONOption

    @Option(help: "Another drain timeout for this once: 30s, 5min; 0 stops at once.")
    var drainTimeout: String?

    func run() throws {
        let timeout = try drainTimeout.map { text in
            try Options.read("--drain-timeout", text) { (text) throws(ValueError) in
                try Duration.parse(text)
            }
        }
        let connection: ControlConnection
        do throws(Failure) {
            connection = try ServiceConnection.open(service)
        } catch {
            guard error.status == .unavailable, let left = ServiceConnection.left(service) else {
                throw error
            }
            output.say("\(left.name): \(left.state); its workers are stopped without a drain")
            try left.stop()
            output.say("stopped")
            output.give(OperationReply())
            return
        }
        try Consent.toCut("stop", on: connection, service)
        let stop = Operation(
            name: "stop", request: .stop(drainTimeout: timeout), output: output)
        try stop.run(on: connection)
        output.say("stopped")
    }
}
