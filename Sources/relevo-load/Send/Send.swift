import ArgumentParser
import Kernel

/// `relevo-load send`.
struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loads a server and counts what is lost, refused or misrouted.",
        discussion: """
            Every flow has a source address and port of its own, every datagram a number. A flow \
            is misrouted when another generation or worker answers it than before, when its \
            worker has forgotten it, or when it was opened after a flip and an older generation \
            answers it.

            Exit codes: 0 nothing lost, 1 something lost or misrouted, 64 usage.

              relevo-load send --to 127.0.0.1:4433 --flows 1000 --rate 20000 --duration 30s
              relevo-load send --to 127.0.0.1:4433 --flows 500 --open-rate 200 --duration 1min
              relevo-load send --to 127.0.0.1:53 --dns example.org --rate 2000
              relevo-load send --to tcp://127.0.0.1:8080 --rate 300

            With --protocol, flows are sessions with ids, at a server that keeps them by their id alone \
            ('serve --protocol'). Their clients change the port (--rebind), take another id or other \
            keys (--rotate), or change the network and the id at once (--migrate). A session is broken when a \
            process that does not know it gets its datagram; it begins anew then.

              relevo-load serve --listen 127.0.0.1:4433 --protocol quic
              relevo-load send --to 127.0.0.1:4433 --protocol quic --rebind 5s --rotate 3s
            """)

    @Option(help: ArgumentHelp("Where to send to.", valueName: "address"))
    var to: AddressOption

    @Option(help: ArgumentHelp("Flows at any moment, up to 1000000.", valueName: "n"))
    var flows = 100

    @Option(help: ArgumentHelp("Datagrams (connections for tcp) a second.", valueName: "n"))
    var rate = 1000.0

    @Option(help: "How long to send.")
    var duration = TimeOption(.seconds(10))

    @Option(
        help: ArgumentHelp(
            "New flows a second, each in the place of an old one, which ends.", valueName: "n"))
    var openRate = 0.0

    @Option(help: ArgumentHelp("Bytes of a datagram, 64 to 1400.", valueName: "n"))
    var size = 64

    @Option(help: "How long an answer may take.")
    var timeout = TimeOption(.seconds(5))

    @Option(
        help: ArgumentHelp(
            "Unanswered datagrams at any moment; sending waits rather than go beyond.",
            valueName: "n"))
    var window: Int?

    @Flag(help: "The server keeps no state: only loss and the answering generation are judged.")
    var stateless = false

    @Flag(help: "The server does not answer: nothing is judged.")
    var unanswered = false

    @Option(help: ArgumentHelp("Send DNS queries for this name.", valueName: "name"))
    var dns: String?

    @Option(
        name: .customLong("protocol"),
        help: "Sessions with ids: quic or wireguard, with headers as theirs are.")
    var form: SessionProtocol?

    @Option(help: "How often each session's client gets another port.")
    var rebind: TimeOption?

    @Option(help: "How often each takes another id (quic), or other keys (wireguard).")
    var rotate: TimeOption?

    @Option(help: "How often each comes from another network with an id never used (quic).")
    var migrate: TimeOption?

    @Flag(help: "Print the report as JSON.")
    var json = false

    @OptionGroup(title: "What is taken as right")
    var tolerance: Tolerance

    func validate() throws {
        guard (1...1_000_000).contains(flows) else {
            throw ValidationError("--flows must be from 1 to 1000000")
        }
        guard rate > 0, rate <= 10_000_000 else {
            throw ValidationError("--rate must be above 0 and at most 10000000")
        }
        guard openRate >= 0, openRate <= rate else {
            throw ValidationError("--open-rate must be from 0 to --rate")
        }
        guard (Header.size...1400).contains(size) else {
            throw ValidationError("--size must be from \(Header.size) to 1400")
        }
        guard window.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--window must be above 0")
        }
        guard dns.map({ DNSQuery(name: $0) != nil }) ?? true else {
            throw ValidationError("--dns needs a domain name")
        }
        if to.isTCP, dns != nil { throw ValidationError("--dns is for UDP") }
        try validateSessions()
    }

    private func validateSessions() throws {
        guard let form else {
            if rebind != nil || rotate != nil || migrate != nil {
                throw ValidationError("--rebind, --rotate and --migrate need --protocol")
            }
            return
        }
        if to.isTCP || dns != nil {
            throw ValidationError("--protocol is for UDP, and without --dns")
        }
        if unanswered || stateless {
            throw ValidationError("--protocol is for servers that answer and keep state")
        }
        guard flows <= 10_000 else {
            throw ValidationError("with --protocol --flows is at most 10000: each has a socket")
        }
        if migrate != nil, form == .wireguard {
            throw ValidationError(
                "--migrate is for quic: WireGuard agrees on each id in a handshake")
        }
        for time in [rebind, rotate, migrate].compactMap({ $0 }) where time.duration <= .zero {
            throw ValidationError("--rebind, --rotate and --migrate are above 0")
        }
    }

    func run() throws {
        try LoadError.reported {
            if let form { return try load(form) }
            var plan = LoadPlan(target: to.address, flows: flows, rate: rate)
            plan.openRate = openRate
            plan.size = size
            plan.timeout = timeout.duration
            plan.window = window
            plan.stateless = stateless
            plan.unanswered = unanswered
            if let dns {
                plan.dns = DNSQuery(name: dns)
                plan.stateless = true
            }
            if to.isTCP { return try connect(plan) }
            let session = try SendSession(plan, for: duration.duration)
            try session.run()
            let report = LoadReport(
                tally: session.tally, plan: plan, tolerance: tolerance,
                duration: session.elapsed, responses: session.responses)
            try say(report)
        }
    }

    private func load(_ form: SessionProtocol) throws {
        var plan = SessionPlan(target: to.address, form: form, sessions: flows, rate: rate)
        plan.rebind = rebind?.duration
        plan.rotate = rotate?.duration
        plan.migrate = migrate?.duration
        plan.openRate = openRate
        plan.timeout = timeout.duration
        let load = try SessionLoad(plan, for: duration.duration)
        try load.send()
        let report = SessionReport(tally: load.tally, plan: plan, duration: load.elapsed)
        Terminal.say(json ? "\(report.json)" : report.text)
        if !report.isGood { throw ExitCode(1) }
    }

    private func connect(_ plan: LoadPlan) throws {
        let session = try ConnectSession(plan, for: duration.duration)
        try session.run()
        try say(
            LoadReport(
                tally: session.tally, plan: plan, tolerance: tolerance,
                duration: duration.duration, isTCP: true))
    }

    private func say(_ report: LoadReport) throws {
        Terminal.say(json ? "\(report.json)" : report.text)
        if !report.isGood { throw ExitCode(1) }
    }
}
