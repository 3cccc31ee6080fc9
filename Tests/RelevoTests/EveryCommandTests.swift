import ArgumentParser
import Testing

@testable import relevo

/// What all commands have in common.
struct EveryCommandTests {
    /// They become the supervisor, or run a server until it ends: what is printed is theirs.
    private static let exempt: Set = ["run", "adopt", "join"]

    @Test func everyCommandCanPrintItsResultAsJSON() {
        let commands = Relevo.configuration.subcommands
        #expect(commands.count > 20)
        // A group of commands prints nothing itself.
        let all = commands.flatMap { command in
            command.configuration.subcommands.isEmpty
                ? [command] : command.configuration.subcommands
        }
        for command in all {
            let name = command.configuration.commandName ?? ""
            let help = Relevo.helpMessage(for: command, columns: 200)
            let has = help.contains(#/\n +--json\b/#)
            #expect(has != Self.exempt.contains(name), "relevo \(name)")
        }
    }
}
