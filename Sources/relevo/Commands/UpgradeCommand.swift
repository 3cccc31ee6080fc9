import ArgumentParser
import ControlClient
import ControlProtocol
import Settings

/// `relevo upgrade`
struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Starts a new generation and hands over to it.",
        discussion: """
            Without a command the current one is started again: the binary on disk is new, and \
            where it is not, that is said. Symbolic links are followed once, when the generation \
            begins. The old \
            generation serves on until the new one is ready, and keeps its flows until they end. If \
            the new one fails, nothing has changed: the reason and the last lines that it printed \
            are shown, and the exit code is 1.

            It is also 1 where the new generation is current and new flows may not reach it: that \
            is looked at before the answer, the handover is called incomplete, and the reason is \
            shown.

            With --config, the command and the number of workers are those of the settings now. \
            Whatever it is called with, an upgrade of a service that has a settings file brings from \
            there what may change while workers run, and the listeners: one that was added is served \
            by the new generation, one that was removed by the old one until that has drained. \
            It says of each setting that was changed whether it counts from now on, with the new \
            generation, or what else it takes. relevo diff shows the values.

            With --canary the new generation gets a share of the clients first, then larger ones. Flows \
            that there are stay where they are. If one of its workers dies or says that it failed, the \
            canary is aborted: the old generation gets all new flows again, and the exit code is 1. \
            relevo promote, hold and abort change its course.

            With --watch the old generation can take over again at once for some time after the flip: \
            what ends a canary rolls back then, and the exit code is 1. It is 1 as well where all workers of \
            the old generation die meanwhile: the new one stays, and was not watched to the end. --dry-run shows beforehand \
            whether the new generation gets ready and passes --check.

            --release is for programs that are many files: {release} in the command, or else in the \
            command of the settings, stands for that folder, whose symbolic links are followed once.

              relevo upgrade
              relevo upgrade --release /opt/dns/r8
              relevo upgrade --canary 5%,25%,50% --step 30s
              relevo upgrade --dry-run --check 'exec:/usr/bin/check-dns'
              relevo upgrade --watch 60s --check 'exec:/usr/bin/check-dns' --max-drops 100
              relevo upgrade dns -- /opt/v2/server --its-args
              relevo upgrade --workers 4 --wait drained
              relevo upgrade dns --config /etc/relevo/dns.conf
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var output: JSONOption
    @OptionGroup var canary: CanaryOptions

    @Option(help: "The service's settings, which may have changed.", completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The folder that {release} in the command stands for.", valueName: "folder"),
        completion: .directory)
    var release: String?

    @Option(help: "Another number of workers.")
    var workers: Int?

    @Argument(parsing: .postTerminator, help: "Another command, after --.")
    var command: [String] = []

    func validate() throws {
        if let workers, !(1...SlotLimits.mostWorkers).contains(workers) {
            throw ValidationError(
                "--workers '\(workers)' is not from 1 to \(SlotLimits.mostWorkers)")
        }
        if canary.dryRun, wait.noWait {
            throw ValidationError("--dry-run waits to see what becomes of it; leave out --no-wait")
        }
    }

    /// What the supervisor is asked for.
    func request() throws(Failure) -> ControlRequest {
        try checkPlace()
        var launch: (command: [String]?, workers: Int?) = (nil, nil)
        let folder = try release.map { (path) throws(Failure) in
            try ReleaseFolder.followed(path, "--release", .usage)
        }
        if !command.isEmpty, Release.isNamed(in: command) != (folder != nil) {
            throw Failure(
                .usage,
                folder == nil
                    ? "the command has {release}, and --release does not say which"
                    : "the command has no {release} for --release to be put in")
        }
        if let config {
            // The sockets may be a socket unit's.
            var settings = try SettingsFiles.settings(
                of: config, inheritsSockets: true, command: command)
            if folder != nil { settings.release = folder }
            try ReleaseFolder.follow(in: &settings)
            launch = (settings.startedCommand, settings.workers)
        }
        if !command.isEmpty {
            launch.command = Release.fill(CommandPath.absolute(command), with: folder ?? "")
        }
        if let workers { launch.workers = workers }
        return .upgrade(
            command: launch.command, workers: launch.workers, wait: wait.value,
            message: try wait.line(), release: launch.command == nil ? folder : nil,
            canary: try canary.steps(), watch: try canary.watchWanted(),
            dryRun: try canary.dryRunWanted())
    }

    /// What is looked up here would be looked up on the wrong machine.
    private func checkPlace() throws(Failure) {
        guard let host = RemoteHost.chosen else { return }
        if config != nil || release != nil {
            let option = config == nil ? "--release" : "--config"
            throw Failure(
                .usage,
                "\(option) is looked up where relevo is called: ssh \(host.text) relevo upgrade "
                    + option)
        }
        if let program = command.first, program.contains("/"), !program.hasPrefix("/") {
            throw Failure(
                .usage, "'\(program)' is a path on \(host.text): begin it with /")
        }
    }

    func run() throws {
        let operation = try Operation(
            name: canary.dryRun ? "dry run" : "upgrade", request: request(), output: output)
        let reply = try operation.run(on: ServiceConnection.open(service))
        if canary.dryRun {
            let generation = reply.generation.map { "generation \($0)" } ?? "the new generation"
            let check = canary.check == nil ? "" : ", its check passed"
            return output.say(
                "\(generation) got ready\(check): it would have become current; nothing has changed"
            )
        }
        try wait.conclude(reply, of: "upgrade", output)
        // An older supervisor does not tell.
        if config != nil, reply.settings == nil { tellUnfollowed() }
    }

    /// What of the settings this upgrade has not brought.
    private func tellUnfollowed() {
        guard let connection = try? ServiceConnection.open(service),
            let status = ListCommand.status(at: connection.path),
            let note = StatusText.unfollowed(status)
        else { return }
        Console.complain("relevo: note: \(note)")
    }
}
