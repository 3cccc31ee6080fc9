import ArgumentParser
import ControlProtocol
import Kernel
import Settings

/// `relevo explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tells where a datagram would go, and why.",
        discussion: """
            Which generation and worker would get it if it came now, which rule says so, and what was \
            looked at before: ids, handshake, 4-tuple, the client's address. The service's own table \
            answers, and looking changes nothing. Each datagram stands for itself: what the ones before \
            it would have been remembered for is not.

            The datagram is given in hexadecimal, or each of a capture is looked at (pcap or pcapng: \
            Ethernet, Linux cooked, raw IP, loopback). Those that come to no listener are counted at the end. \
            A first fragment is read as far as it goes; later ones have no ports.

              relevo explain --from 198.51.100.7:40000 --payload 40a1b2c3d4e5f607...
              relevo explain dns --from [2001:db8::1]:5353 --to [2001:db8::53]:53 --payload '12 34 01 00'
              tcpdump -i any -c 100 -w quic.pcap udp port 443; relevo explain web --pcap quic.pcap
              relevo explain web --live --duration 30s
              relevo explain web --pcap quic.pcap --json | jq -r '.[].explanation.rule' | sort | uniq -c

            With --live datagrams are looked at as they come: at most --limit (20 unless given), evenly over the \
            time; at the end stands by which rules all went that came meanwhile, and not only those that \
            were looked at. They are heard by a packet socket, which takes CAP_NET_RAW and the network \
            namespace of the service; while nobody looks it costs nothing. The table is asked a moment after the \
            program has decided: what was remembered of that very datagram is in it already.

            The rules are id, owner (an id that tells its worker), handshake, tuple, opens (it begins a \
            session), beside (the same, where the others of its 4-tuple are an older generation's), hint, \
            copied, guess, unknown, stateless, passed. relevod(8) says what they mean, relevo-json(5) has the \
            fields of the JSON.
            """)

    @OptionGroup var service: ServiceOptions

    @Option(help: "The datagram's payload in hexadecimal; blanks and colons do not count.")
    var payload: String?

    @Option(help: "Where it comes from: ADDRESS:PORT, IPv6 in brackets.")
    var from: String?

    @Option(help: "Where it arrives; may be left out where the listener is bound at one address.")
    var to: String?

    @Option(help: "The listener, by its address or name; may be left out where --to tells it.")
    var listener: String?

    @Option(help: "A capture; all its UDP datagrams are looked at.", completion: .file())
    var pcap: String?

    @Flag(help: "Look at datagrams as they come.")
    var live = false

    @Option(help: "How long to look.")
    var duration = "10s"

    @Option(help: "At most so many datagrams: 10000 of a capture, 20 of those that come.")
    var limit: Int?

    @Flag(help: "As JSON; fields may be added in later versions, none goes away.")
    var json = false

    func validate() throws {
        if live {
            if pcap != nil || payload != nil || from != nil || to != nil {
                throw ValidationError("--live has addresses and payloads itself")
            }
            if service.place.host != nil {
                throw ValidationError("--live hears this machine's packets; run it over there")
            }
        } else if pcap != nil {
            if payload != nil || from != nil || to != nil {
                throw ValidationError("--pcap has addresses and payloads itself")
            }
        } else if payload == nil || from == nil {
            throw ValidationError("give --payload and --from, or --pcap, or --live")
        }
        guard limit.map({ 1...1_000_000 ~= $0 }) ?? true else {
            throw ValidationError("--limit is from 1 to 1000000")
        }
    }

    func run() throws {
        if live {
            let time = try Options.read("--duration", duration) { (text) throws(ValueError) in
                try Duration.parse(text)
            }
            let look = try LiveLook(service, listener: listener, for: time, limit: limit ?? 20)
            return try look.run(json: json)
        }
        if let pcap {
            let capture = try ExplainedCapture(
                of: pcap, limit: limit ?? 10_000, listener: listener)
            return try answer(capture)
        }
        let digits = (payload ?? "").filter { !$0.isWhitespace && $0 != ":" }
        let text = digits.hasPrefix("0x") ? String(digits.dropFirst(2)) : digits
        guard let bytes = Hex.bytes(text) else {
            throw Failure(.usage, "--payload: these are not bytes in hexadecimal")
        }
        guard bytes.count <= 65_507 else {
            throw Failure(.usage, "--payload: no datagram has \(bytes.count) bytes")
        }
        for (name, address) in [("--from", from), ("--to", to)] {
            if let address, SocketAddress(address) == nil {
                throw Failure(
                    .usage, "\(name): '\(address)' is not ADDRESS:PORT, such as 192.0.2.1:53")
            }
        }
        let question = DatagramQuestion(
            payload: Array(bytes.prefix(DatagramQuestion.mostBytes)), size: bytes.count,
            from: from ?? "", to: to, listener: listener)
        let answers = try ExplainedCapture.ask([question], service)
        if let problem = answers.first?.problem { throw Failure(.failed, problem) }
        say([ExplainedDatagram(question, answers[0])])
    }

    private func answer(_ capture: ExplainedCapture) throws(Failure) {
        let answers = try ExplainedCapture.ask(capture.questions, service)
        let all = zip(capture.questions, answers).map { ExplainedDatagram($0, $1) }
        say(json ? all : all.filter { $0.explanation.problem == nil })
        guard !json else { return }
        let strangers = all.filter { $0.explanation.problem != nil }
        for line in capture.remarks(
            explained: all.count - strangers.count, strangers: strangers.count)
        {
            Console.say(line)
        }
    }

    private func say(_ datagrams: [ExplainedDatagram]) {
        if json { return Self.say(json: datagrams) }
        for (number, datagram) in datagrams.enumerated() {
            if number > 0 { Console.say("") }
            Self.say(datagram)
        }
    }

    static func say(json datagrams: [ExplainedDatagram]) {
        Console.say(RawJSON.indented(OrderedJSON.bytes(datagrams, nulls: false)))
    }

    static func say(_ datagram: ExplainedDatagram) {
        let text = ExplanationText(styled: Console.isStyled, width: Console.width)
        for line in text.lines(datagram.question, datagram.explanation) { Console.say(line) }
    }
}

/// A datagram and what became of the question.
struct ExplainedDatagram: Encodable {
    let question: DatagramQuestion
    let explanation: DatagramExplanation

    private enum CodingKeys: String, CodingKey { case from, to, size, explanation }

    init(_ question: DatagramQuestion, _ explanation: DatagramExplanation) {
        self.question = question
        self.explanation = explanation
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode(question.from, forKey: .from)
        try object.encodeIfPresent(question.to, forKey: .to)
        try object.encode(question.size ?? question.payload.count, forKey: .size)
        try object.encode(explanation, forKey: .explanation)
    }
}
