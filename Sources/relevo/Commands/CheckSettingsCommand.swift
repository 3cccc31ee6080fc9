import ArgumentParser
import Settings

/// `relevo check-settings`
struct CheckSettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-settings",
        abstract: "Checks a settings file and its drop-ins.",
        discussion: """
            Drop-ins are FILE.d/*.conf, in the order of their names. All mistakes are told, each \
            with its file and line, in one run; the exit code is then 78. What can be looked up here is, also \
            beside lines that cannot be read: the program, users and groups, folders, addresses and ports. With --syntax it is not, as for \
            settings that are for another machine.

              relevo check-settings /etc/relevo/dns.conf
              relevo check-settings --print dns.conf
              relevo check-settings --keys

            A settings file:

              [Service]
              Command=/usr/bin/server --its-args
              Workers=2
              [Listener]
              Address=udp://0.0.0.0:4433
            """)

    @Argument(help: "The settings file.", completion: .file())
    var file: String?

    @Flag(
        name: .customLong("print"), help: "Print the settings as they come out, defaults and all.")
    var prints = false

    @Flag(help: "Print every key there is, with its default and what it is for.")
    var keys = false

    @OptionGroup var output: JSONOption

    @Flag(help: "Look nothing up; only what the files say is checked.")
    var syntax = false

    @Argument(
        parsing: .postTerminator,
        help: "The command, after --, where it is not the file's, as in a wrapped unit.")
    var command: [String] = []

    func validate() throws {
        if file == nil, !keys { throw ValidationError("there is no settings file") }
        if output.json, keys, file != nil {
            throw ValidationError("--json prints one object: leave --keys or the file out")
        }
    }

    func run() throws {
        if keys { explain() }
        if let file { try check(file) }
    }

    private func explain() {
        if output.json { return output.give(SettingsObjects.Keys()) }
        for section in Setting.Section.allCases {
            Console.say("[\(section.rawValue)]")
            for setting in Setting.all where setting.section == section {
                Console.say("\(setting.name)=\(setting.defaultValue ?? "")")
                let option = setting.option.map { " Option: --\($0.name)." } ?? ""
                let lines = (setting.help + option).wrapped(at: 76)
                for line in lines { Console.say("    \(line)") }
            }
        }
    }

    private func check(_ file: String) throws {
        let sources = try SettingsFiles.read(file)
        do throws(SettingsErrors) {
            let settings = try examine(sources)
            if output.json {
                output.give(SettingsObjects.Checked(file, settings, prints: prints))
            } else if prints {
                Console.say(settings.render())
            } else {
                let addresses = settings.listeners.map(\.address.description)
                Console.say(
                    "\(file): good; service \(settings.name), workers \(settings.workers), "
                        + "listening on \(addresses.joined(separator: ", "))")
            }
        } catch {
            output.give(SettingsObjects.Checked(file, error))
            for error in error.errors { Console.complain(error.description) }
            throw Failure(.settings, "")
        }
    }
    /// Finds all mistakes at once, in the order of the lines.
    private func examine(
        _ sources: [SettingsSource]
    ) throws(SettingsErrors) -> ServiceSettings {
        var mistakes: [SettingsError] = []
        var draft = SettingsDraft(reading: sources, mistakes: &mistakes)
        if !command.isEmpty { draft.setCommand(command) }
        let (settings, contradictions) = draft.checked()
        // What seems to be missing may be in a line that cannot be read.
        if mistakes.isEmpty { mistakes = contradictions }
        if !syntax { mistakes += SettingsLookup(settings, draft).mistakes }
        guard mistakes.isEmpty else {
            let files = sources.map(\.file)
            func place(_ mistake: SettingsError) -> (Int, Int) {
                (files.firstIndex(of: mistake.file) ?? 0, mistake.line)
            }
            throw SettingsErrors(errors: mistakes.sorted { place($0) < place($1) })
        }
        return settings
    }
}
