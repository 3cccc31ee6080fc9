import ArgumentParser
import ControlProtocol

/// `relevo rollback`
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Goes back to the generation before.",
        discussion: """
            While the old generation still drains, it becomes current again and the new one drains \
            instead. After that the previous command is started as an upgrade, on the file that it \
            ran, whatever has its name now.

              relevo rollback
              relevo rollback dns --wait drained
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var wait: WaitOptions

    func run() throws {
        let operation = Operation(
            name: "rollback", request: .rollback(wait: wait.value, message: try wait.line()))
        let reply = try operation.run(on: ServiceConnection.open(service))
        try wait.conclude(reply, of: "rollback")
    }
}
