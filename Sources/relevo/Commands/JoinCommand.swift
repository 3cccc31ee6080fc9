import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel
import Settings

/// `relevo join`
struct JoinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Runs a server here as a worker of a service whose supervisor is elsewhere.",
        discussion: """
            The server finds its sockets in LISTEN_FDS, though it may be in another container or \
            network than the supervisor: all it needs is the socket `workers` of the service's \
            runtime folder, and a service that was started with --join-policy.

              relevo join --name dns -- dnsd
              relevo join --socket /run/relevo/dns/workers --group v2 -- dnsd --its-args

            Workers with the same --group are one generation, --workers of them make it whole; a \
            new group is an upgrade, for which the service's settings file is read again: listeners \
            that were added are the new group's, removed ones stay with the old one. SIGTERM asks the service to drain this worker and is passed on \
            once that is over, a second one at once. Ends with the server's exit code.
            """)

    @Option(help: "The service.", completion: Completions.services)
    var name: String?

    @Option(
        help: "The service's socket for workers (default: $RELEVO_SOCKET, or found by --name).",
        completion: .file())
    var socket: String?

    @Option(help: "What workers of one version have in common (default: a generation of its own).")
    var group: String?

    @Option(help: ArgumentHelp("How many make the group whole (default: 1).", valueName: "n"))
    var workers: Int?

    @Option(
        help: ArgumentHelp(
            "When the server is ready: auto, notify or alive:2s (default: auto).",
            valueName: "rule"))
    var ready = "auto"

    @Option(help: ArgumentHelp("Ends the server (default: TERM).", valueName: "signal"))
    var stopSignal = "TERM"

    @Option(
        help: ArgumentHelp(
            "Sent to the server when new flows go elsewhere (default: none).", valueName: "signal"))
    var drainSignal: String?

    @Option(
        help: ArgumentHelp(
            "How long to wait for a supervisor, and for a place (default: 30s; or infinity).",
            valueName: "time"))
    var wait = "30s"

    @Option(
        help: ArgumentHelp(
            "A file that is there while the server is ready and its generation takes flows, for a probe.",
            valueName: "path"), completion: .file())
    var readyFile: String?

    @Argument(parsing: .postTerminator, help: "The server and its arguments, after --.")
    var command: [String] = []

    func run() throws {
        let membership = try Membership(plan())
        endProcess(try membership.run())
    }

    /// What was asked for, checked.
    func plan() throws(Failure) -> JoinPlan {
        guard !command.isEmpty else {
            throw Failure(.usage, "write the server's command after --")
        }
        var plan = JoinPlan(socket: try path(), command: command)
        plan.group = group
        plan.readyFile = readyFile
        plan.workers = workers
        plan.ready = try Options.read("--ready", ready) { (text) throws(ValueError) in
            try ReadyRule.parse(text)
        }
        if case .exec = plan.ready {
            throw Failure(.usage, "--ready: exec: is not for workers that join")
        }
        plan.stopSignal = try signal("--stop-signal", stopSignal)
        if let drainSignal { plan.drainSignal = try signal("--drain-signal", drainSignal) }
        let limit = try Options.read("--wait", wait) { (text) throws(ValueError) in
            try TimeLimit.parse(text)
        }
        switch limit {
        case .infinity: plan.timeout = nil
        case .after(let time): plan.timeout = time
        }
        return plan
    }

    private func signal(_ option: String, _ text: String) throws(Failure) -> Int32 {
        try Options.read(option, text) { (text) throws(ValueError) in
            try SignalName.parse(text).number
        }
    }

    private func path() throws(Failure) -> String {
        if let socket { return socket }
        if let name {
            let candidates = ServiceLocator().candidates(name: name).map {
                String($0.dropLast(RuntimeFolder.controlSocket.count)) + RuntimeFolder.workersSocket
            }
            let found = candidates.first { ((try? FileStatus(of: $0)) ?? nil) != nil }
            if let path = found ?? candidates.first { return path }
        }
        if let given = Environment.value(of: "RELEVO_SOCKET"), !given.isEmpty { return given }
        throw Failure(.usage, "which service? --name NAME, --socket PATH or RELEVO_SOCKET say it")
    }
}
