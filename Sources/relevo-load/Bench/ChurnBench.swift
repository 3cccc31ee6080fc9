import ArgumentParser
import Kernel

/// `relevo-load bench churn`.
struct ChurnBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "Many upgrades under load: nothing may be lost, misrouted or refused.",
        discussion: """
            Flows come and go all the while, so that old generations drain and end. The whole \
            takes about a second an upgrade.
            """)

    @Option(help: ArgumentHelp("Upgrades, one after the other.", valueName: "n"))
    var upgrades = 100

    @Option(help: "Between the end of one upgrade and the next.")
    var pause = TimeOption(.milliseconds(500))

    @Option(help: ArgumentHelp("Flows at any moment.", valueName: "n"))
    var flows = 1000

    @Option(help: ArgumentHelp("Datagrams a second.", valueName: "n"))
    var rate = 10_000.0

    @Option(
        help: ArgumentHelp("New flows a second, each in the place of an old one.", valueName: "n"))
    var openRate = 500.0

    @Option(help: ArgumentHelp("Workers of each generation.", valueName: "n"))
    var workers = 2

    @Flag(help: "Print figures as JSON.")
    var json = false

    func run() throws {
        try LoadError.reported {
            let service = try SupervisedService(
                options: [
                    "--workers", "\(workers)", "--idle-timeout", "2s", "--drain-timeout", "5min",
                ])
            let report = try measure(service)
            try service.stop()
            try report.conclude(json: json)
        }
    }

    private func measure(_ service: SupervisedService) throws -> BenchReport {
        var plan = LoadPlan(target: service.address, flows: flows, rate: rate)
        plan.openRate = openRate
        let (series, tally, drops) = try service.run(upgrades, "upgrade", under: plan) {
            UpgradeSeries(upgrades, of: service, every: pause.duration, in: $0, then: $1)
        }
        return report(tally, series, drops: drops)
    }

    private func report(_ tally: Tally, _ series: UpgradeSeries, drops: UInt64) -> BenchReport {
        var report = BenchReport(
            "churn: \(upgrades) upgrades under \(Int(rate)) datagrams a second")
        report.bars = [
            .figure("datagrams sent", "\(tally.sent)", .count(tally.sent)),
            .figure("flows opened", "\(tally.flowsOpened)", .count(tally.flowsOpened)),
            .figure(
                "generations that answered", "\(tally.generations.count)",
                .count(UInt64(tally.generations.count))),
            .figure(
                "relevo upgrade, start to end", series.times.spread,
                .number(series.times.percentile(0.5).seconds)),
            .exactly(0, "upgrades failed", series.failed),
            .exactly(0, "new flows to an old generation", tally.stale),
        ]
        report.bars += tally.bars(drops: drops)
        return report
    }
}
