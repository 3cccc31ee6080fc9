import ArgumentParser
import Steering

/// `relevo-load bench balance`.
struct BalanceBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "How far the busiest worker is above the mean: Balance=load beside Balance=hash.",
        discussion: """
            Flows come at random, live for a random time and send at rates of a Pareto distribution: a few \
            send most of it. The same flows send to two groups of sockets, one steered by hash and one by load, \
            in real time. Once a second each socket's datagrams are counted. After two lives the groups \
            are told apart: the bar is half of what the hash is above the mean.
            """)

    @Option(help: ArgumentHelp("Workers, a socket each.", valueName: "n"))
    var workers = 4

    @Option(help: ArgumentHelp("Flows at any moment.", valueName: "n"))
    var flows = 3000

    @Option(help: ArgumentHelp("Datagrams a second to each group.", valueName: "n"))
    var rate = 15_000.0

    @Option(help: ArgumentHelp("Shape of the rates; less is more uneven.", valueName: "alpha"))
    var pareto = 1.5

    @Option(help: "How long a flow lives on average.")
    var life = TimeOption(.seconds(30))

    @Option(help: "How long it is measured, after two lives.")
    var time = TimeOption(.seconds(180))

    @Option(help: ArgumentHelp("Which random flows.", valueName: "n"))
    var seed: UInt64 = 1

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard 2...512 ~= workers else { throw ValidationError("--workers is from 2 to 512") }
        guard 1...60_000 ~= flows else { throw ValidationError("--flows is from 1 to 60000") }
        guard rate > 0, pareto > 1 else {
            throw ValidationError("--rate is above 0, and --pareto above 1")
        }
    }

    func run() throws {
        try LoadError.reported {
            let flows = UnevenFlows(
                flows, rate: rate, shape: pareto, life: life.duration, seed: seed)
            let run = try BalanceRun(flows, workers: workers)
            try run.warmUp(for: life.duration * 2)
            try run.measure(for: time.duration)
            try report(run).conclude(json: json)
        }
    }

    private func report(_ run: BalanceRun) -> BenchReport {
        var report = BenchReport(
            "balance: \(flows) flows, Pareto \(pareto), \(workers) workers, \(Int(rate)) datagrams a second"
        )
        let (hash, load) = (run.excess(of: .hash), run.excess(of: .load))
        report.bars = [
            .figure("datagrams sent to each", "\(run.sent)", .count(run.sent)),
            .figure("flows opened", "\(run.opened)", .count(run.opened)),
            .exactly(0, "datagrams lost", run.lost),
            .figure("busiest worker above the mean, by hash", "\(hash.digits)%", .number(hash)),
            Bar(
                name: "the same by load", value: .number(load), text: "\(load.digits)%",
                demand: "at most half of it", isMet: load <= hash / 2),
        ]
        return report
    }
}
