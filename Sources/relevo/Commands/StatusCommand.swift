import ArgumentParser
import ControlProtocol

/// `relevo status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows a service: its listeners, generations, workers and handovers.",
        discussion: """
            With --check one line, and an exit code for scripts and probes: 0 healthy, 1 degraded \
            (some workers are not ready, the program on disk is newer, settings have changed and are \
            not in effect, new flows may go astray, or the service drains to its end), 2 down (nobody takes new flows), 69 no \
            supervisor.

            Below a listener stands what is not as it ought to be with its sockets, or was not at \
            the last look (`problems` in JSON): a worker has connected its socket, say, a socket of \
            another program is at the address, or a process that is none of the worker's has its \
            socket open. They are looked at once a second while something \
            changes, every 10 s at rest. --check names them too; `isHarmed` in JSON says where new \
            flows may go astray.

              relevo status
              relevo status dns --json | jq .generations
              relevo status dns --check
              relevo status --describe

            relevo-json(5) has the fields of the JSON.
            """)

    @OptionGroup var service: ServiceOptions

    @Flag(help: "As JSON; fields may be added in later versions, none goes away.")
    var json = false

    @Flag(help: "One line, and how well it is as the exit code.")
    var check = false

    @Flag(
        help:
            "What the JSON consists of, in Varlink's language: all that the control socket serves.")
    var describe = false

    func validate() throws {
        if json, check { throw ValidationError("--json and --check do not go together") }
        if describe, json || check {
            throw ValidationError("--describe goes alone: it asks no service")
        }
    }

    func run() throws {
        if describe {
            for line in InterfaceDescription.ofSupervisor.split(
                separator: "\n", omittingEmptySubsequences: false
            ).dropLast() {
                Console.say(String(line))
            }
            return
        }
        let connection = try ServiceConnection.open(service, toAct: false)
        try connection.send(ControlCall(.getStatus))
        let frame = try connection.frame(within: .seconds(10))
        let status: ServiceStatus
        do throws(AnswerFault) {
            status = try ControlAnswer<StatusReply>.decode(frame).parameters.status
        } catch {
            throw Failure(error)
        }
        if check {
            let unfollowed = StatusText.unfollowed(status).map { [$0] } ?? []
            let newer = (status.currentGeneration?.program?.changed).map {
                ["its program on disk is newer: \(StatusText.printable($0))"]
            }
            let words = [status.summary] + (newer ?? []) + unfollowed + status.problems
            Console.say("\(status.name): \(words.joined(separator: "; "))")
            switch ServiceHealth(status) {
            case .healthy: return
            case .degraded: throw Failure(.failed, "")
            case .down: throw Failure(.down, "")
            }
        }
        if json {
            // As the supervisor sent it, with what only a newer one knows.
            let raw = RawJSON.value(under: ["parameters", "status"], in: frame) ?? []
            Console.say(RawJSON.indented(raw))
        } else {
            let lines = StatusText.lines(
                status, styled: Console.isStyled, width: Console.width)
            for line in lines { Console.say(line) }
        }
    }
}
