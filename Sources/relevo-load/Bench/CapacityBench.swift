import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench capacity`.
struct CapacityBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capacity",
        abstract: "A million live flows, an upgrade, and every flow checked.",
        discussion: """
            Each flow sends twice, the service is upgraded, each flow sends once more: all must \
            be answered by the process that has answered before, with its count going on. New \
            flows must reach the new generation.
            """)

    @Option(help: ArgumentHelp("Flows, up to 1000000.", valueName: "n"))
    var flows = 1_000_000

    @Option(help: ArgumentHelp("Datagrams a second.", valueName: "n"))
    var rate = 150_000.0

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(flows) else {
            throw ValidationError("--flows must be from 1 to 1000000")
        }
    }

    func run() throws {
        try LoadError.reported {
            let service = try SupervisedService(options: [
                "--idle-timeout", "20min", "--drain-timeout", "20min", "--max-flows",
                "\(max(flows, 1_000_000))", "--receive-buffer", "64M",
            ])
            let report = try measure(service)
            try service.stop()
            try report.conclude(json: json)
        }
    }

    private func measure(_ service: SupervisedService) throws -> BenchReport {
        let bench = try TwoGenerations(service, flows: flows, rate: rate)
        let opening = try bench.open()
        // The flows are counted where the supervisor keeps them.
        let counted = try service.status().listeners.reduce(0) { $0 + ($1.flows ?? 0) }
        let upgrade = try service.upgrade()
        let fresh = try bench.freshFlows(1000)
        try bench.check()
        let tally = bench.load.tally
        let footprint = try Footprint(ofProcess: service.supervisorID)
        let status = try service.status().listeners.first?.counters
        var report = BenchReport("capacity: \(flows) live flows over an upgrade")
        report.bars = [
            .figure("opened in", opening.short, .number(opening.seconds)),
            .figure("relevo upgrade, start to end", upgrade.short, .number(upgrade.seconds)),
            .figure("flows counted by the supervisor", "\(counted)", .count(UInt64(counted))),
            .exactly(UInt64(flows), "flows kept", bench.kept),
            .exactly(0, "flows evicted", UInt64(status?.evicted ?? 0)),
            .exactly(0, "datagrams not recorded", UInt64(status?.unrecorded ?? 0)),
            .exactly(0, "flows moved or forgotten", tally.moved + tally.restarted),
            .exactly(0, "datagrams lost", tally.lost),
            .exactly(1000, "new flows to the new generation", fresh),
            .exactly(0, "answers dropped by this program", tally.ownDrops),
            .atMost(bytes: 33_554_432, "flow table", footprint.table),
            .atMost(bytes: 20_000_000, "supervisor besides", footprint.resident),
        ]
        return report
    }
}
