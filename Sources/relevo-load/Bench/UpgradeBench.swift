import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench upgrade`.
struct UpgradeBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "The way from 'relevo upgrade' to the flip, by the number of workers.",
        discussion: """
            The workers are shells that wait on their sockets at once, and there is no load. What the \
            supervisor takes of a CPU is told too: unlike the time it hardly depends on what else runs.
            """)

    /// It costs so little to start that what is measured is the supervisor's and the keeper's.
    private static let server = ["/bin/sh", "-c", "read datagram <&3"]

    @Option(
        help: ArgumentHelp("Numbers of workers, of one service after the other.", valueName: "n"))
    var workers = [1, 64, 250]

    @Option(help: ArgumentHelp("Upgrades of each.", valueName: "n"))
    var upgrades = 10

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard !workers.isEmpty, workers.allSatisfy({ 1...500 ~= $0 }), upgrades > 0 else {
            throw ValidationError("--workers are from 1 to 500, --upgrades above 0")
        }
    }

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("upgrade: \(upgrades) upgrades each")
            for count in workers { report.bars += try bars(workers: count) }
            try report.conclude(json: json)
        }
    }

    /// 50 ms for one worker, 4 ms for each one more, and never above 1 s.
    private func limit(_ workers: Int) -> Duration {
        min(.milliseconds(50 + 4 * (workers - 1)), .seconds(1))
    }

    private func bars(workers count: Int) throws -> [Bar] {
        let service = try SupervisedService(
            options: [
                "--workers", "\(count)", "--ready-timeout", "5min", "--idle-timeout", "1s",
                "--linger", "0",
            ], program: Self.server)
        var flips: [Duration] = []
        var processor: [Duration] = []
        for _ in 0..<upgrades {
            let before = try service.supervisorTime()
            _ = try service.upgrade()
            processor.append(try service.supervisorTime() - before)
            try service.waitUntilSettled()
            guard let phases = try service.status().lastHandover?.phases else {
                throw LoadError("there was no handover: \(service.tail())")
            }
            let parts = [phases.start, phases.ready, phases.flip]
            flips.append(.seconds(parts.reduce(0) { $0 + ($1 ?? 0) }))
        }
        try service.stop()
        let name = count == 1 ? "1 worker" : "\(count) workers"
        let least = flips.min() ?? .zero
        return [
            .under(limit(count), "\(name), request to flip, median", flips.percentile(0.5)),
            .figure(
                "\(name), least and most",
                "\(least.short), \(flips.percentile(1).short)", .number(least.seconds)),
            .figure(
                "\(name), of a CPU by the supervisor", processor.percentile(0.5).short,
                .number(processor.percentile(0.5).seconds)),
        ]
    }
}
