import ArgumentParser
import Settings

/// `relevo run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a server under a supervisor, in this process.",
        discussion: """
            Everything after -- is the server's command, taken as it is. The server binds its \
            addresses as ever and gets the supervisor's sockets; or it finds them in LISTEN_FDS, or \
            in place of {fd} in its arguments. Without --listen and --adopt it is only told what \
            the server binds.

              relevo run --listen udp://127.0.0.1:5353 -- dnsmasq -k --port=5353
              relevo run --adopt auto -- /usr/sbin/named -f
              relevo run --listen udp://0.0.0.0:4433 --workers 2 -- /usr/bin/server
              relevo run --listen udp://:53 --listen tcp://:53 --ready notify -- dnsd
              relevo run --listen udp://:5000 --drain-timeout 5min -- ./echo --fd {fd}
              relevo run --config /etc/relevo/dns.conf --workers 4

            Times are 250ms, 30s, 5min, 1h; sizes 64K, 8M. Options win over --config FILE and its \
            drop-ins FILE.d/*.conf; see relevo check-settings --help for a file. The supervisor \
            stops on SIGTERM and Ctrl-C, after draining. SIGHUP upgrades, with the command and the \
            number of workers that the settings have then.

            The workers outlive a supervisor that is killed; --resume takes them over, with their \
            sockets and flows. Under systemd that happens by itself.
            """)

    @Option(help: "Settings to begin with.", completion: .file())
    var config: String?

    @Flag(
        help: "Take over a service of this name whose supervisor is gone; without one, start it.")
    var resume = false

    @OptionGroup var options: RunOptions

    @Argument(parsing: .postTerminator, help: "The server and its arguments, after --.")
    var command: [String] = []

    func run() throws {
        do throws(Failure) {
            let settings = try settings().render()
            try SupervisorProgram.become(
                runningWith: settings, from: origin, resuming: resume)
        } catch {
            // A mistake in a settings file must not end workers that serve.
            guard error.status == .settings, let record = FormerSupervisor.record else {
                throw error
            }
            error.report()
            Console.complain("relevo: goes on with the settings of before")
            try SupervisorProgram.become(goingOnWith: record, from: origin)
        }
    }

    /// What the supervisor reads again on SIGHUP.
    private var origin: SettingsOrigin? {
        config.map {
            SettingsOrigin(
                file: $0, fixesCommand: !command.isEmpty, fixesWorkers: options[\.workers] != nil)
        }
    }

    /// The file's settings with the options over them, checked as a whole.
    func settings() throws(Failure) -> ServiceSettings {
        var draft = SettingsDraft()
        if let config { draft = try SettingsFiles.draft(of: config) }
        InheritedSockets.addListeners(to: &draft)
        var options = options
        if let release = options[\.release] {
            options[\.release] = try ReleaseFolder.followed(release, "--release", .usage)
        }
        try options.apply(to: &draft)
        if config == nil, !options.listens, options[\.adopt] == nil,
            options[\.intercept] == nil, InheritedSockets.count == 0
        {
            draft.showBinds()
        }
        if !command.isEmpty { draft.setCommand(CommandPath.absolute(command)) }
        var settings: ServiceSettings
        do throws(SettingsErrors) {
            settings = try draft.finished(inheritsSockets: InheritedSockets.count > 0)
        } catch {
            throw Failure(error, config == nil ? .usage : .settings)
        }
        try ReleaseFolder.follow(in: &settings)
        return settings
    }
}
