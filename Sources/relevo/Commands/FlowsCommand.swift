import ArgumentParser
import ControlProtocol
import Settings

/// `relevo flows`
struct FlowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flows",
        abstract: "Shows who has sessions, ends one, or hands it to the current generation.",
        discussion: """
            The table of flows has no addresses. While you look, the kernel tells who sends; a flow that sends
            nothing meanwhile is not seen, so look for longer (--look) to find it.

              relevo flows dns --generation 3
              relevo flows dns --look 30s --json
              relevo flows move 192.0.2.7:40000 dns
            """,
        subcommands: [ShowFlowsCommand.self, EndFlowCommand.self, MoveFlowCommand.self],
        defaultSubcommand: ShowFlowsCommand.self)
}

/// `relevo flows show`
struct ShowFlowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows who has sessions.",
        discussion: """
            First come those that were seen last, or with --sort age those of the oldest generation. SEEN is when a flow
            was seen last; it may have been seen since, by less than a 64th of IdleTimeout=. AGE is how old it is at
            least: since its generation gets no new flows, or since you look. Sessions besides the flows (TCP
            connections, connected sockets, ports of the server's own) come last.

            Without --look it takes a second, or as long as each flow that sends needs to be seen, and less than two
            seconds.
            Where steering is stateless no flow is remembered, so that none is shown.

              relevo flows
              relevo flows dns --generation 3 --worker 0 --limit 100
              relevo flows dns --json | jq -r '.flows[].peer'
            """)

    @OptionGroup var service: ServiceOptions

    @Option(help: "Sessions of one generation alone.", completion: Completions.generations)
    var generation: Int?

    @Option(help: "Sessions of one worker of each generation alone, by its index.")
    var worker: Int?

    @Option(
        help: "seen: the last ones first; age: the oldest first.",
        completion: .list(FlowsQuestion.Sort.allCases.map(\.rawValue)))
    var sort = FlowsQuestion.Sort.seen

    @Option(help: "How many to show, at most 1000.")
    var limit = 20

    @Option(help: "How long to look: 30s, 2min; at most 10min.")
    var look: String?

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard 0...FlowsQuestion.most ~= limit else {
            throw ValidationError("--limit is a number from 0 to \(FlowsQuestion.most)")
        }
    }

    /// What is asked.
    func question() throws -> FlowsQuestion {
        let time = try look.map { text in
            try Options.read("--look", text) { (text) throws(ValueError) in
                let time = try Duration.parse(text)
                guard time <= .seconds(FlowsQuestion.longest) else {
                    throw ValueError("at most 10min")
                }
                return time
            }
        }
        return FlowsQuestion(
            generation: generation, worker: worker, sort: sort, limit: limit,
            seconds: time.map {
                Double($0.components.seconds) + Double($0.components.attoseconds) * 1e-18
            })
    }

    func run() throws {
        let question = try question()
        let connection = try ServiceConnection.open(service, toAct: false)
        try connection.send(ControlCall(.flows(question)))
        let frame = try connection.frame(within: .seconds(15 + (question.seconds ?? 0)))
        output.give(answer: frame)
        let reply: FlowsReply
        do throws(AnswerFault) {
            reply = try ControlAnswer<FlowsReply>.decode(frame).parameters
        } catch {
            throw Failure(error)
        }
        guard !output.json else { return }
        for line in FlowsText.lines(reply, styled: Console.isStyled, width: Console.width) {
            Console.say(line)
        }
    }
}

extension FlowsQuestion.Sort: ExpressibleByArgument {}

/// Which flow is meant.
struct FlowOptions: ParsableArguments {
    @Argument(help: "Whose: HOST:PORT, as relevo flows shows it.")
    var peer: String

    @OptionGroup var service: ServiceOptions

    @Option(help: "A listener by its address or name; else all.")
    var listener: String?

    @Option(help: "Where its datagrams arrive, HOST:PORT, where no interface has that address.")
    var to: String?

    var question: FlowQuestion { FlowQuestion(peer: peer, to: to, listener: listener) }

    /// Asks for it, and says what became of it.
    ///
    /// - Parameter cuts: what it is called where it cuts a session; nil where it does not.
    func run(
        _ request: ControlRequest, _ output: JSONOption, cuts command: String? = nil
    ) throws {
        let connection = try ServiceConnection.open(service)
        if let command { try Consent.toCut(command, on: connection, service) }
        try connection.send(ControlCall(request))
        let frame = try connection.frame(within: .seconds(10))
        output.give(answer: frame)
        let reply: FlowChangeReply
        do throws(AnswerFault) {
            reply = try ControlAnswer<FlowChangeReply>.decode(frame).parameters
        } catch {
            throw Failure(error)
        }
        for change in reply.changes { output.say(FlowsText.line(change)) }
    }
}

/// `relevo flows end`
struct EndFlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "Forgets one flow: its next datagram begins another one.",
        discussion: """
            That one goes where new flows go, to a worker that does not know the session perhaps. Without a service's name
            it is asked for on a terminal, and refused in a script. Exit code 1 where no live flow has this peer.

            Sessions that are told by ids (QUIC, WireGuard and the like) are not ended.

              relevo flows end 192.0.2.7:40000 dns
            """)

    @OptionGroup var flow: FlowOptions

    @OptionGroup var output: JSONOption

    func run() throws {
        try flow.run(.endFlow(flow.question), output, cuts: "flows end \(flow.peer)")
    }
}

/// `relevo flows move`
struct MoveFlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Hands one flow to the current generation.",
        discussion: """
            From its next datagram on it goes to a worker of the current generation, and stays there. That is
            for servers that share their sessions: another worker need not know it. A flow that is there already
            stays where it is. Exit code 1 where no live flow has this peer.

              relevo flows move 192.0.2.7:40000 dns
            """)

    @OptionGroup var flow: FlowOptions

    @OptionGroup var output: JSONOption

    func run() throws { try flow.run(.moveFlow(flow.question), output) }
}
