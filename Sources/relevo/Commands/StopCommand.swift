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
            settings, 30s unless set.

              relevo stop dns
              relevo stop --drain-timeout 0
            """)

    @OptionGroup var service: ServiceOptions

    @Option(help: "Another drain timeout for this once: 30s, 5min; 0 stops at once.")
    var drainTimeout: String?

    func run() throws {
        let timeout = try drainTimeout.map { text in
            try Options.read("--drain-timeout", text) { (text) throws(ValueError) in
                try Duration.parse(text)
            }
        }
        let connection = try ServiceConnection.open(service)
        try Operation(name: "stop", request: .stop(drainTimeout: timeout)).run(on: connection)
        Console.say("stopped")
    }
}
