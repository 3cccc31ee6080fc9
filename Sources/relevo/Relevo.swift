import ArgumentParser
import ControlProtocol
import Kernel
import Settings

/// The command line as a whole.
struct Relevo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relevo",
        abstract: "Upgrades UDP and TCP servers without losing a datagram or a session.",
        discussion: """
            Relevo owns a server's sockets and lends them to it. A new version is started beside \
            the old one; once it is ready, new flows go to it, while flows that the old one knows \
            stay there until they end.

            Start a server, upgrade it after its binary was replaced, look at it:

              relevo run --listen udp://0.0.0.0:4433 -- /usr/bin/server --its-args
              relevo upgrade
              relevo status

            Try another version, and go back:

              relevo upgrade -- /opt/v2/server --its-args
              relevo rollback

            Services of another machine, over ssh:

              relevo -H admin@dns1 status dns

            -H may stand before or behind the command. relevo has to be in the PATH that ssh gives its \
            commands over there; who asks is the user of ssh, in the history as well. RELEVO_SSH is \
            another ssh and its options, with blanks between them. A handover goes on when the \
            connection is lost.

            Exit codes: 0 done; 1 the operation failed; 64 wrong usage; 69 no such supervisor; \
            77 permission denied; 78 bad settings.

            For completion of commands and options in bash, zsh or fish:

              source <(relevo --generate-completion-script bash)
            """,
        version: RelevoVersion.current,
        subcommands: [
            RunCommand.self, AdoptCommand.self, UpgradeCommand.self, PromoteCommand.self,
            HoldCommand.self, AbortCommand.self, RollbackCommand.self,
            StatusCommand.self, DiffCommand.self, HistoryCommand.self, ReportCommand.self,
            ExplainCommand.self, FlowsCommand.self,
            RestartCommand.self, StopCommand.self, DrainCommand.self, ListCommand.self,
            EventsCommand.self, TopCommand.self, LogsCommand.self, WaitCommand.self,
            MetricsCommand.self,
            ReexecCommand.self, InitCommand.self, WrapCommand.self, UnwrapCommand.self,
            DoctorCommand.self,
            CheckSettingsCommand.self, JoinCommand.self, BridgeCommand.self,
        ])

    /// Prints the help or the complaint that the parser came to.
    static func answer(to error: any Error) -> ExitStatus {
        let commands = configuration.subcommands.compactMap { $0.configuration.commandName }
        // The parser shows the whole help to whoever asks for that of a command that is none.
        let words = HostArguments.moved(ProgramArguments.all)
        let named = words.first == "help" ? 1 : 0
        if let word = words.dropFirst(named).first, !word.hasPrefix("-"),
            !(["help"] + commands).contains(word)
        {
            let near = Nearest.of(word, among: commands).map { "did you mean '\($0)'?" }
            Failure(.usage, "there is no command '\(word)'; \(near ?? "see relevo --help")")
                .report()
            return .usage
        }
        guard exitCode(for: error) != .success else {
            Console.say(UsageText.wrapped(fullMessage(for: error), width: Console.width ?? 80))
            return .done
        }
        let line = message(for: error).prefix { !$0.isNewline }
        let forgotten = words.first == RunCommand.configuration.commandName && !words.contains("--")
        let hint = forgotten ? "write -- before the server's command" : "see relevo --help"
        // The parser may have asked "Did you mean '--x'?".
        let join = line.hasSuffix("?") ? " (\(hint))" : "; \(hint)"
        Failure(.usage, line + join).report()
        return .usage
    }
}
