import ArgumentParser
import ControlProtocol
import Kernel
import Steering

/// `relevo-load bench flip`.
struct FlipBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flip",
        abstract: "How long the flip, the hand-over of sockets, and the way to the flip take.",
        discussion: """
            The flip alone is measured on a reuseport group of this program's own. The way to it \
            is measured on a service whose server is ready at once, without load.
            """)

    @Option(help: ArgumentHelp("Sockets of the group, half of them flipped to.", valueName: "n"))
    var sockets = 64

    @Option(help: ArgumentHelp("Flips of the group.", valueName: "n"))
    var flips = 10_000

    @Option(help: ArgumentHelp("Upgrades of the service.", valueName: "n"))
    var upgrades = 20

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard (2...512).contains(sockets), flips > 0, upgrades > 0 else {
            throw ValidationError("--sockets is from 2 to 512, --flips and --upgrades above 0")
        }
    }

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("flip: \(sockets) sockets, \(upgrades) upgrades")
            report.bars = try flipBars() + HandOver.bars(sockets: sockets) + upgradeBars()
            try report.conclude(json: json)
        }
    }

    private func flipBars() throws -> [Bar] {
        let group = try SteeredGroup(sockets: sockets)
        let half = sockets / 2
        let banks = [Array(0..<half), Array(half..<sockets)]
        var times: [Duration] = []
        for flip in 0..<flips {
            let start = MonotonicClock.nanoseconds()
            try group.steering.steerNewFlows(to: banks[flip % 2])
            times.append(.nanoseconds(Int64(MonotonicClock.nanoseconds() - start)))
        }
        return [
            .figure("steering", group.steering.kindDescription, .text("")),
            .figure(
                "flip, spread", times.spread, .number(times.percentile(1).seconds)),
            .under(.microseconds(10), "flip, 99 of 100", times.percentile(0.99)),
        ]
    }

    private func upgradeBars() throws -> [Bar] {
        let service = try SupervisedService(options: ["--idle-timeout", "1s"])
        var commands: [Duration] = []
        var flips: [Duration] = []
        for _ in 0..<upgrades {
            commands.append(try service.upgrade())
            try service.waitUntilSettled()
            if let phases = try service.status().lastHandover?.phases {
                let parts = [phases.start, phases.ready, phases.flip]
                flips.append(.seconds(parts.reduce(0) { $0 + ($1 ?? 0) }))
            }
        }
        try service.stop()
        return [
            .figure(
                "relevo upgrade, start to end", commands.spread,
                .number(commands.percentile(0.5).seconds)),
            .figure("request to flip, spread", flips.spread, .number(flips.percentile(1).seconds)),
            .under(.milliseconds(50), "request to flip, median", flips.percentile(0.5)),
        ]
    }
}
