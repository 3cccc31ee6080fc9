import ArgumentParser
import ControlProtocol

/// `relevo rollback`
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Goes back to the generation before, or to any that is remembered.",
        discussion: """
            While the old generation still drains, it becomes current again and the new one drains \
            instead. After that the previous command is started as an upgrade, on the file that it \
            ran, whatever has its name now.

            --to names a generation of relevo history: its command and number of workers are started \
            again, on the file that it ran where that is held still. Otherwise on what its path leads \
            to now, if that is the same version, by its build id or SHA-256; where it is another one, \
            nothing is changed and that is said. Settings of [Service] that may change while workers run \
            (how a generation gets ready, drains and ends) say again what they said then, until an \
            upgrade follows the settings file again. What else differs is named, and stays as it is: \
            what options have set, and environment variables, of which only the names are remembered.

              relevo rollback
              relevo rollback --to 3
              relevo rollback dns --wait drained
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var output: JSONOption

    @Option(
        help: ArgumentHelp("A generation of relevo history.", valueName: "generation"),
        completion: Completions.formerGenerations)
    var to: Int?

    func validate() throws {
        if let to, to < 1 { throw ValidationError("--to '\(to)' is no generation's number") }
    }

    func run() throws {
        let operation = Operation(
            name: "rollback",
            request: .rollback(wait: wait.value, message: try wait.line(), to: to), output: output)
        let reply = try operation.run(on: ServiceConnection.open(service))
        try wait.conclude(reply, of: "rollback", output)
    }
}
