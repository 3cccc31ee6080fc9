import ArgumentParser
import Kernel

/// `relevo-load bench events`.
struct EventsBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "What one event costs the supervisor, by the number of workers.",
        discussion: """
            One worker says SESSIONS again and again and waits for each answer, the others are idle. \
            The least of the rounds counts, as other programs can only add to it.
            """)

    /// What an event may cost more among many workers than alone.
    private static let mostGrowth = 2.0

    @Option(
        help: ArgumentHelp("Numbers of workers, of one service after the other.", valueName: "n"))
    var workers = [1, 64, 256]

    @Option(help: ArgumentHelp("Events of a round.", valueName: "n"))
    var events = 2000

    @Option(help: ArgumentHelp("Rounds.", valueName: "n"))
    var rounds = 10

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard !workers.isEmpty, workers.allSatisfy({ 1...512 ~= $0 }), events > 0, rounds > 0
        else {
            throw ValidationError("--workers are from 1 to 512, --events and --rounds above 0")
        }
    }

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("events: \(rounds) rounds of \(events)")
            var costs: [Duration] = []
            for count in workers {
                let service = try TalkingService(workers: count)
                var times: [TalkingService.Times] = []
                for _ in 0..<rounds { times.append(try service.talk(events)) }
                try service.supervised.stop()
                let cost = times.map(\.processor).min() ?? .zero
                costs.append(cost)
                report.bars += [
                    .under(
                        .microseconds(100), "\(count) workers, to the answer, median",
                        times.map(\.median).min() ?? .zero),
                    .figure(
                        "\(count) workers, to the answer, 99 of 100",
                        (times.map(\.most).min() ?? .zero).short,
                        .number((times.map(\.most).min() ?? .zero).seconds)),
                    .figure(
                        "\(count) workers, of a CPU for each", cost.short, .number(cost.seconds)),
                ]
            }
            let growth = (costs.max() ?? .zero).seconds / max((costs.min() ?? .zero).seconds, 1e-9)
            report.bars.append(
                Bar(
                    name: "the most of a CPU by the least", value: .number(growth),
                    text: growth.digits, demand: "at most \(Self.mostGrowth.digits)",
                    isMet: growth <= Self.mostGrowth))
            try report.conclude(json: json)
        }
    }
}
