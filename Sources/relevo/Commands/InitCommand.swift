import ArgumentParser
import Kernel
import Settings

/// `relevo init`
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes the settings and the systemd unit for a server.",
        discussion: """
            Takes the options of relevo run. Writes /etc/relevo/NAME.conf and a drop-in for \
            relevo@NAME.service, both with comments on what else could be set, and relevo@.service \
            itself where no package has put it. --user becomes the unit's, so that the supervisor \
            needs no privilege to change it. Says what to do next; starts nothing.

              relevo init --listen udp://:53 --user dns --workers 2 -- /usr/sbin/dnsd -n
              relevo init --name echo --listen udp://:5000 --print -- ./echo --fd {fd}
              relevo init --user-service --listen udp://:5000 -- ~/bin/echo
            """)

    @OptionGroup var options: RunOptions

    @Flag(help: "For systemctl --user: below ~/.config, without root and CAP_BPF.")
    var userService = false

    @Option(
        help: ArgumentHelp(
            "Write below this folder instead of /, for an image or a package.", valueName: "path"),
        completion: .directory)
    var directory: String?

    @Flag(name: .customLong("print"), help: "Print the files instead of writing them.")
    var prints = false

    @Flag(help: "Overwrite what is there.")
    var force = false

    @OptionGroup var output: JSONOption

    @Argument(parsing: .postTerminator, help: "The server and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        if userService, options[\.user] != nil || options[\.group] != nil {
            throw ValidationError("--user-service runs as its user; leave --user and --group out")
        }
    }

    func run() throws {
        let plan = try plan()
        if output.json {
            if !prints { try plan.write(overwriting: force) }
            return output.give(Result(plan, isWritten: !prints))
        }
        if prints {
            for (index, file) in plan.files.enumerated() {
                if index > 0 { Console.say("") }
                Console.say("# ==> \(file.path) <==")
                Console.say(String(file.text.dropLast()))
            }
        } else {
            try plan.write(overwriting: force)
            for file in plan.files { Console.say("wrote \(file.path)") }
            for line in plan.nextSteps { Console.say(line) }
        }
        for line in plan.warnings { Console.complain("relevo: note: \(line)") }
    }

    private struct Result: Encodable {
        struct File: Encodable {
            let path: String
            let text: String
        }
        let files: [File]
        /// Whether they are on disk now.
        let written: Bool
        let nextSteps: [String]
        let notes: [String]

        init(_ plan: InitPlan, isWritten: Bool) {
            files = plan.files.map { File(path: $0.path, text: $0.text) }
            written = isWritten
            nextSteps = plan.nextSteps
            notes = plan.warnings
        }
    }

    /// What would be written and said.
    func plan() throws(Failure) -> InitPlan {
        let settings = try settings()
        let place = try InitPlace(isUserService: userService, below: directory ?? "")
        return InitPlan(settings, options: options, place: place)
    }

    private func settings() throws(Failure) -> ServiceSettings {
        var options = options
        options[\.user] = nil
        options[\.group] = nil
        if userService { options.set("steering", unlessGiven: "auto") }
        var draft = SettingsDraft()
        try options.apply(to: &draft)
        if let program = command.first {
            // A service manager has another PATH than a person.
            let found = program.contains("/") ? nil : try? resolveExecutable(program)
            draft.setCommand(CommandPath.absolute([found ?? program] + command.dropFirst()))
        }
        do throws(SettingsErrors) {
            return try draft.finished()
        } catch {
            throw Failure(error, .usage)
        }
    }
}
