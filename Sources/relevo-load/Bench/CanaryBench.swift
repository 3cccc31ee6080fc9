import ArgumentParser
import Kernel

/// `relevo-load bench canary`.
struct CanaryBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Canaries under load, half aborted by a check, and the shares that are reached.",
        discussion: """
            First each share is measured over so many clients with sockets of this program. Then \
            upgrades with --canary 5%,25%,50% follow each other under load. The check of every second one \
            fails in its last step, which aborts it: nothing may be lost, misrouted or moved.
            """)

    @Option(help: ArgumentHelp("Canaries, one after the other.", valueName: "n"))
    var canaries = 20

    @Option(help: "How long each share lasts.")
    var step = TimeOption(.milliseconds(500))

    @Option(help: ArgumentHelp("Flows at any moment.", valueName: "n"))
    var flows = 20_000

    @Option(help: ArgumentHelp("Datagrams a second.", valueName: "n"))
    var rate = 10_000.0

    @Option(
        help: ArgumentHelp("New flows a second, each in the place of an old one.", valueName: "n"))
    var openRate = 500.0

    @Option(help: ArgumentHelp("Workers of each generation.", valueName: "n"))
    var workers = 2

    @Option(help: ArgumentHelp("Clients that each share is measured with.", valueName: "n"))
    var clients = 100_000

    @Flag(help: "Print figures as JSON.")
    var json = false

    func run() throws {
        try LoadError.reported {
            let shares = try ShareMeasurement(clients: clients).measure([1, 5, 25, 50, 75])
            let service = try SupervisedService(
                options: [
                    "--workers", "\(workers)", "--idle-timeout", "30s", "--drain-timeout", "5min",
                ])
            var report = try measure(service)
            report.bars = shares + report.bars
            try service.stop()
            try report.conclude(json: json)
        }
    }

    private func measure(_ service: SupervisedService) throws -> BenchReport {
        var plan = LoadPlan(target: service.address, flows: flows, rate: rate)
        plan.openRate = openRate
        let (series, tally, drops) = try service.run(canaries, "canary", under: plan) {
            CanarySeries(canaries, of: service, step: step.duration, in: $0, then: $1)
        }
        return report(tally, series, drops: drops)
    }

    /// A flow of the one version may be opened after one of the other: that is the canary.
    private func report(_ tally: Tally, _ series: CanarySeries, drops: UInt64) -> BenchReport {
        var report = BenchReport(
            "canary: \(canaries) canaries under \(Int(rate)) datagrams a second, \(flows) flows")
        report.bars = [
            .figure("datagrams sent", "\(tally.sent)", .count(tally.sent)),
            .figure("flows opened", "\(tally.flowsOpened)", .count(tally.flowsOpened)),
            .figure("aborted by their check", "\(series.aborted)", .count(series.aborted)),
            .exactly(0, "canaries that ended otherwise than asked for", series.odd),
        ]
        report.bars += tally.bars(drops: drops)
        return report
    }
}
