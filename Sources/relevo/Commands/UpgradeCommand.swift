import ArgumentParser
import ControlProtocol

/// `relevo upgrade`
struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Starts a new generation and hands over to it.",
        discussion: """
            Without a command the current one is started again: the binary on disk is new. The old \
            generation serves on until the new one is ready, and keeps its flows until they end. If \
            the new one fails, nothing has changed: the reason and the last lines that it printed \
            are shown, and the exit code is 1.

              relevo upgrade
              relevo upgrade dns -- /opt/v2/server --its-args
              relevo upgrade --workers 4 --wait drained
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var wait: WaitOptions

    @Option(help: "Another number of workers.")
    var workers: Int?

    @Argument(parsing: .postTerminator, help: "Another command, after --.")
    var command: [String] = []

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers '\(workers)' is not from 1 to 1024")
        }
    }

    /// What the supervisor is asked for.
    var request: ControlRequest {
        .upgrade(
            command: command.isEmpty ? nil : CommandPath.absolute(command), workers: workers,
            wait: wait.value)
    }

    func run() throws {
        let operation = Operation(name: "upgrade", request: request)
        let reply = try operation.run(on: ServiceConnection.open(service))
        try wait.conclude(reply, of: "upgrade")
    }
}
