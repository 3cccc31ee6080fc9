import ArgumentParser
import Kernel
import Steering

/// `relevo-load bench steering`: what choosing the socket costs.
struct SteeringBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steering",
        abstract: "Measures what steering costs a datagram, at few flows and at many.",
        discussion: """
            Times are the kernel's own program statistics, side by side in one run: no program, \
            an empty one, an LRU hash map, flow steering (whose program could not tell who is there, while nobody \
            looks, and while somebody does), QUIC steering, QUIC with ids as nginx makes them (which tell \
            their worker), and that of two described protocols, WireGuard (4-tuples first) and DTLS with ids \
            (ids first). 'net' is less the empty program. All is done on one processor, in an order that is \
            another one each round; where programs are compared with each other, their tables have one size. \
            Then the flows are counted, and taken over as the next supervisor does. Needs root. Ends with exit code 1 when a bar is missed.
            """)

    @Option(help: "Numbers of flows to measure at, separated by commas.")
    var flows = "1,1000,8000,100000,1000000"

    @Option(help: "What the flow table is made for.")
    var maxFlows = 1_048_576

    @Option(help: "Datagrams a round.")
    var datagrams = 20_000

    @Option(help: "Rounds; the median of all is reported.")
    var rounds = 15

    @Flag(help: "One JSON object instead of the table.")
    var json = false

    func validate() throws {
        guard !flows.isEmpty, numbers.count == flows.split(separator: ",").count else {
            throw ValidationError("--flows takes numbers separated by commas, 1,1000 say")
        }
        guard datagrams > 0 && rounds > 0 else {
            throw ValidationError("--datagrams and --rounds are at least 1")
        }
    }

    func run() throws {
        try LoadError.reported {
            let statistics = try ProgramStatistics.enable()
            defer { withExtendedLifetime(statistics) {} }
            try stayOnThisProcessor()
            var result = SteeringResult()
            for count in numbers { result.rows.append(try measure(flows: count)) }
            Terminal.say(json ? result.json : result.table)
            if !result.meetsBars { throw ExitCode(1) }
        }
    }

    private var numbers: [Int] {
        flows.split(separator: ",").compactMap { Int($0) }.filter { 1...8_000_000 ~= $0 }
    }

    /// All ways of steering at one number of flows, in turns.
    private func measure(flows: Int) throws -> SteeringResult.Row {
        let traffic = try SteeringTraffic(flows: flows)
        let subjects = try SteeringSubject.Kind.allCases.map {
            try SteeringSubject($0, maxFlows: maxFlows)
        }
        for subject in subjects where subject.kind != .none && subject.kind != .empty {
            if subject.kind == .quic || subject.kind == .nginx {
                try traffic.connectAll(to: subject)
            }
            try traffic.sendAll(to: subject)
            try traffic.sendAll(to: subject)
            try settle(subject, traffic)
        }
        let own = subjects.first { $0.kind == .flow }?.steering?.tableBytesInUse ?? 0
        if Self.compared.contains(flows) { try makeAlike(subjects, traffic) }
        // No datagram is the first one for long, whose time is written: that would be measured, and not the rule.
        for subject in subjects where subject.steering != nil { try traffic.sendAll(to: subject) }
        let before = Dictionary(
            uniqueKeysWithValues: subjects.map { ($0.kind, $0.steering?.counters()) })
        var costs: [SteeringSubject.Kind: [SteeringTraffic.Cost]] = [:]
        for _ in 0..<rounds {
            for subject in subjects.shuffled() {
                let cost = try traffic.measure(datagrams, to: subject)
                costs[subject.kind, default: []].append(cost)
            }
        }
        guard let steering = subjects.first(where: { $0.kind == .flow })?.steering,
            let quic = subjects.first(where: { $0.kind == .quic })?.steering
        else {
            throw LoadError("no flow steering to measure")
        }
        let start = MonotonicClock.now()
        let live = steering.liveFlows
        let counting = MonotonicClock.now() - start
        return SteeringResult.Row(
            flows: flows, costs: costs.mapValues(SteeringTraffic.Cost.median), live: live,
            connections: quic.liveFlows,
            counting: counting, takeover: try takeOver(steering), table: own,
            sizes: Set(subjects.compactMap(\.steering).map(\.tableBytesInUse)),
            rules: subjects.compactMap { subject in
                subject.steering.flatMap { steering in
                    SteeringRules(
                        subject.kind, steering.counters(), since: before[subject.kind] ?? nil)
                }
            })
    }

    /// Where programs are compared with each other.
    static let compared: Set<Int> = [1000, 100_000]

    /// Has all tables be as large as the largest of them: a program that has grown its table would else be compared
    /// with one whose table fits into a cache.
    private func makeAlike(_ subjects: [SteeringSubject], _ traffic: SteeringTraffic) throws {
        let sizes = subjects.compactMap { $0.steering?.tableBytesInUse }
        guard let most = sizes.max() else { return }
        let start = MonotonicClock.now()
        for subject in subjects {
            while subject.steering?.takeSize(most) == false {
                _ = try traffic.measure(10_000, to: subject)
                if MonotonicClock.now() - start > .seconds(120) {
                    throw LoadError(
                        "the table of \(subject.kind) did not take the size of the others")
                }
            }
        }
    }

    /// How long the next supervisor needs until it has the steering.
    private func takeOver(_ steering: Steering) throws -> Duration {
        let legacy = try SteeringLegacy(of: steering)
        let start = MonotonicClock.now()
        let resumed = try legacy.resumed()
        let time = MonotonicClock.now() - start
        guard resumed.counters() == steering.counters() else {
            throw LoadError("the counters were not taken over")
        }
        return time
    }

    /// Lets the flow table take the size that suits its flows, as the supervisor does meanwhile.
    ///
    /// One that is nearly full of what a million handshakes have left takes longer than is waited for here: its
    /// figures are those of a table that still moves, and that is said.
    private func settle(_ subject: SteeringSubject, _ traffic: SteeringTraffic) throws {
        guard let steering = subject.steering else { return }
        let start = MonotonicClock.now()
        var quiet = 0
        // A table that has grown ends that first, and is taken back by a later look.
        while quiet < 3 {
            let (size, swept) = (steering.tableBytesInUse, MonotonicClock.now())
            steering.sweep()
            let isQuiet = steering.isSettled && steering.tableBytesInUse == size
            quiet = isQuiet ? quiet + 1 : 0
            // Looks that follow each other too fast move nothing.
            repeat {
                _ = try traffic.measure(5_000, to: subject)
            } while MonotonicClock.now() - swept < .milliseconds(60)
            if MonotonicClock.now() - start > .seconds(120) {
                return Terminal.complain(
                    "relevo-load: the table of \(subject.kind) still moves its entries: "
                        + "\(steering.liveFlows) live flows, \(steering.tableBytesInUse >> 10) KiB in use"
                )
            }
        }
    }
}

extension SteeringTraffic.Cost {
    static func median(_ costs: [Self]) -> Self {
        let loop = costs.map(\.loop).sorted()
        let program = costs.compactMap(\.program).sorted()
        return Self(
            program: program.isEmpty ? nil : program[program.count / 2], loop: loop[loop.count / 2])
    }
}
