import ArgumentParser
import Kernel
import Settings

/// `relevo adopt`
struct AdoptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Takes over a server that runs already, so that its next upgrade loses nothing.",
        discussion: """
            The process goes on as it is and becomes the first generation; its sockets are shared with \
            the supervisor, which this process becomes. The command after -- is what the next \
            generations are started with; without one, what the process was started with.

              relevo adopt 1234
              relevo adopt $(pidof named) --linger 1s -- /usr/sbin/named -f
              relevo upgrade

            Taken over is what the server has bound, but for ports out of the kernel's own range; \
            --listen and --adopt choose among that. It needs root, or the server's own user. The \
            process stays the child of who has started it: a service manager that restarts it when it \
            ends has to be told first.
            """)

    @Argument(help: "The server's process.")
    var pid: Int32

    @OptionGroup var options: RunOptions

    @Argument(parsing: .postTerminator, help: "What the next generations are, after --.")
    var command: [String] = []

    func validate() throws {
        guard pid > 1 else { throw ValidationError("\(pid) is no process of a server") }
        guard options[\.workers] == nil else {
            throw ValidationError(
                "--workers: a running process is one; relevo upgrade --workers sets more")
        }
    }

    func run() throws {
        var draft = SettingsDraft()
        var options = options
        // Before the others, which are for what is adopted then.
        if !options.listens { options.set("adopt", unlessGiven: "auto") }
        try options.apply(to: &draft)
        draft.setCommand(try command.isEmpty ? runningCommand() : CommandPath.absolute(command))
        let settings: ServiceSettings
        do throws(SettingsErrors) {
            settings = try draft.finished()
        } catch {
            throw Failure(error, .usage)
        }
        try SupervisorProgram.become(
            runningWith: settings.render(), resuming: false, adopting: pid)
    }

    /// What the process was started with, by the path of its program.
    private func runningCommand() throws(Failure) -> [String] {
        do throws(KernelError) {
            let text = try ProcessView.text("cmdline", of: pid)
            let words = text.split(separator: 0, omittingEmptySubsequences: false)
                .dropLast().map { KeptText.text($0) }
            guard !words.isEmpty else {
                throw KernelError("read", number: 3, on: "/proc/\(pid)/cmdline")
            }
            return [try ProcessView.link("exe", of: pid)] + words.dropFirst()
        } catch {
            throw Failure(error)
        }
    }
}
