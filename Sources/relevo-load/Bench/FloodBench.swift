import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench flood`.
struct FloodBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flood",
        abstract: "A million datagrams from made-up sources must not push out one real flow.",
        discussion: """
            Real flows are opened, then flooded with datagrams that each come from a source of \
            its own, once with a server that answers them and once with one that does not. Then \
            the service is upgraded and every real flow is checked. The flow table is made too \
            small for the flood on purpose.
            """)

    @Option(help: ArgumentHelp("Real flows.", valueName: "n"))
    var flows = 5000

    @Option(help: ArgumentHelp("Datagrams from made-up sources.", valueName: "n"))
    var flood = 1_000_000

    @Option(help: ArgumentHelp("Live flows that the table has room for.", valueName: "n"))
    var maxFlows = 65_536

    @Option(help: ArgumentHelp("Made-up datagrams a second, at most.", valueName: "n"))
    var rate = 100_000.0

    @Flag(help: "Print figures as JSON.")
    var json = false

    func run() throws {
        try LoadError.reported {
            var report = BenchReport(
                "flood: \(flows) real flows, \(flood) made-up ones, room for \(maxFlows)")
            for answer in ["yes", "known"] {
                let service = try SupervisedService(
                    options: [
                        "--drain-timeout", "5min", "--max-flows", "\(maxFlows)",
                        "--receive-buffer", "64M",
                    ], serve: ["--answer", answer])
                report.bars += try measure(
                    service, answer == "yes" ? "answered" : "not answered")
                try service.stop()
            }
            try report.conclude(json: json)
        }
    }

    private func measure(_ service: SupervisedService, _ kind: String) throws -> [Bar] {
        let bench = try TwoGenerations(service, flows: flows, rate: 10_000)
        _ = try bench.open()
        let taken = try bench.flood(flood, rate: rate, "flooding, \(kind)")
        let counters = try service.status().listeners.first?.counters
        _ = try service.upgrade()
        try bench.check()
        let tally = bench.load.tally
        let seen = UInt64(counters?.newFlows ?? 0)
        return [
            .figure("\(kind): flooded in", taken.short, .number(taken.seconds)),
            .figure("\(kind): new flows that the table saw", "\(seen)", .count(seen)),
            .figure(
                "\(kind): made-up flows evicted", "\(counters?.evicted ?? 0)",
                .count(UInt64(counters?.evicted ?? 0))),
            .figure(
                "\(kind): made-up datagrams not recorded", "\(counters?.unrecorded ?? 0)",
                .count(UInt64(counters?.unrecorded ?? 0))),
            .exactly(UInt64(flows), "\(kind): real flows kept", bench.kept),
            .exactly(0, "\(kind): real datagrams lost", tally.lost),
            .exactly(0, "\(kind): moved or forgotten", tally.moved + tally.restarted),
        ]
    }
}
