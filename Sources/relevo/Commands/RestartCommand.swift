import ArgumentParser
import ControlProtocol

/// `relevo restart`
struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Stops the workers and starts the same command again.",
        discussion: """
            The sockets stay open: datagrams wait in their queues for the new workers. Sessions \
            that only the old processes knew are lost; `relevo upgrade` keeps them. Without a name a \
            person is asked first, and a script is refused.

              relevo restart dns
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var output: JSONOption

    func run() throws {
        let operation = Operation(
            name: "restart", request: .restart(wait: wait.value, message: try wait.line()),
            output: output)
        let connection = try ServiceConnection.open(service)
        try Consent.toCut("restart", on: connection, service)
        let reply = try operation.run(on: connection)
        try wait.conclude(reply, of: "restart", output)
    }
}
