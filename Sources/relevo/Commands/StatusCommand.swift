import ArgumentParser
import ControlProtocol

/// `relevo status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows a service: its listeners, generations, workers and handovers.",
        discussion: """
              relevo status
              relevo status dns --json | jq .generations
            """)

    @OptionGroup var service: ServiceOptions

    @Flag(help: "As JSON; fields may be added in later versions, none goes away.")
    var json = false

    func run() throws {
        let connection = try ServiceConnection.open(service, toAct: false)
        try connection.send(ControlCall(.getStatus))
        let frame = try connection.frame(within: .seconds(10))
        let status: ServiceStatus
        do throws(AnswerFault) {
            status = try ControlAnswer<StatusReply>.decode(frame).parameters.status
        } catch {
            throw Failure(error)
        }
        if json {
            // As the supervisor sent it, with what only a newer one knows.
            let raw = RawJSON.value(under: ["parameters", "status"], in: frame) ?? []
            Console.say(RawJSON.indented(raw))
        } else {
            for line in StatusText.lines(status, styled: Console.isStyled) { Console.say(line) }
        }
    }
}
