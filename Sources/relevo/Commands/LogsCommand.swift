import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel
import Settings

/// `relevo logs`
struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Shows what a service's workers and its supervisor have printed.",
        discussion: """
            From the journal where that reads the service, by journalctl(1). Otherwise from a file in the state \
            folder: the last 4 to 8 MB are kept there, over restarts of the supervisor. Lines that workers \
            print while no supervisor is there are not in it.

            With -H they are read over there; where ssh fails, the exit code is that of ssh.

            With --generation or --worker only those lines are shown that are about it or that it has printed.

              relevo logs dns
              relevo logs dns --generation 7 --worker 0
              relevo logs dns -f --json | jq -r 'select(.level == "error").message'

            relevo-journal(7) has the fields of the objects.
            """)

    @OptionGroup var service: ServiceOptions

    @Option(
        name: .shortAndLong, help: "Of one generation alone.", completion: Completions.generations)
    var generation: Int?

    @Option(name: .shortAndLong, help: "Of the worker with this index alone.")
    var worker: Int?

    @Flag(name: .shortAndLong, help: "Go on with what comes, until Ctrl-C.")
    var follow = false

    @Option(name: .customShort("n"), help: "So many of the last lines.")
    var lines = 100

    @Flag(help: "One JSON object a line, as it is kept.")
    var json = false

    func validate() throws {
        guard 0...1_000_000 ~= lines else {
            throw ValidationError("-n '\(lines)' is not from 0 to 1000000")
        }
        for (name, number) in [("--generation", generation), ("--worker", worker)] {
            if let number, number < 0 { throw ValidationError("\(name) '\(number)' is negative") }
        }
    }

    func run() throws {
        if let host = RemoteHost.chosen { try become(words, on: host) }
        let (name, place) = try place()
        guard place != LogPlace.journal else { try showJournal(of: name) }
        let choice = LogLine.Choice(generation: generation, worker: worker)
        do throws(KernelError) {
            let reader = LogReader(path: place) { bytes in
                guard let line = LogLine(bytes), choice.includes(line) else { return nil }
                return json
                    ? String(decoding: bytes, as: UTF8.self)
                    : line.text(styled: Console.isStyled)
            }
            try reader.show(last: lines, following: follow)
        } catch {
            throw Failure(error)
        }
    }

    /// The name of the service that is meant, and where what it prints is kept.
    private func place() throws(Failure) -> (name: String, place: String) {
        do throws(Failure) {
            let connection = try ServiceConnection.open(service, toAct: false)
            try connection.send(ControlCall(.getStatus))
            let status = try connection.reply(as: StatusReply.self, within: .seconds(10))
                .parameters.status
            if let place = status.supervisor?.log { return (status.name, place) }
            throw Failure(
                .failed,
                "\(status.name): nobody keeps what it prints: its supervisor has no state folder, or is older "
                    + "than this relevo")
        } catch {
            // One that has ended has left what it printed.
            guard error.status == .unavailable, let name = service.name else { throw error }
            let folder = StateFolder.path(
                name: name, isRoot: ProcessIdentity.effectiveUser == 0,
                environment: { Environment.value(of: $0) })
            if let path = folder.map(LogPlace.path), (try? FileStatus(of: path)) ?? nil != nil {
                return (name, path)
            }
            guard (try? FileStatus(of: "/run/systemd/journal/socket")) ?? nil != nil else {
                throw error
            }
            return (name, LogPlace.journal)
        }
    }

    /// What is asked for, as the command line of another relevo.
    private var words: [String] {
        var words = ["logs"] + service.words + ["-n", "\(lines)"]
        if let generation { words += ["--generation", "\(generation)"] }
        if let worker { words += ["--worker", "\(worker)"] }
        if follow { words.append("--follow") }
        if json { words.append("--json") }
        return words
    }

    /// Becomes ssh: files and journal are read over there.
    private func become(_ words: [String], on host: RemoteHost) throws(Failure) -> Never {
        let command = host.command(words, ssh: Environment.value(of: "RELEVO_SSH"))
        do throws(KernelError) {
            try replaceProcess(
                executable: resolveExecutable(command[0]), arguments: command,
                environment: Environment.strings(), keeping: [])
        } catch {
            throw Failure(.unavailable, "ssh cannot be run (RELEVO_SSH says which): \(error)")
        }
    }

    /// Becomes journalctl.
    private func showJournal(of name: String) throws(Failure) -> Never {
        var words = ["journalctl", "--no-pager", "-n", "\(lines)", "-o", json ? "json" : "short"]
        if follow { words.append("-f") }
        words.append("RELEVO_SERVICE=\(name)")
        if let generation { words.append("RELEVO_GENERATION=\(generation)") }
        if let worker { words.append("RELEVO_WORKER=\(worker)") }
        do throws(KernelError) {
            try replaceProcess(
                executable: resolveExecutable("journalctl"), arguments: words,
                environment: Environment.strings(), keeping: [])
        } catch {
            throw Failure(error)
        }
    }
}
