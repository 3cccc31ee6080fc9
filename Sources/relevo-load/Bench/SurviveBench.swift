import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench survive`.
struct SurviveBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "survive",
        abstract: "Supervisors killed one after the other amid upgrades under load.",
        discussion: """
            Flows that last and flows that come and go are sent without a break while upgrades \
            are asked for, and the supervisor is killed (SIGKILL) at random moments, the one that \
            takes over among them before it even answers. Nothing may be lost, no flow forgotten, \
            nothing left over.

              relevo-load bench survive --standing 1000000 --busy 4
              relevo-load bench survive --kills 1000 --victims supervisor keeper worker

            A worker is killed while it has no datagram in hand; the flows that it knew may start over \
            in another process.
            """)

    @Option(help: ArgumentHelp("Kills of a supervisor.", valueName: "n"))
    var kills = 50

    @Option(help: ArgumentHelp("Datagrams a second.", valueName: "n"))
    var rate = 10_000.0

    @Option(help: ArgumentHelp("Flows that last.", valueName: "n"))
    var flows = 500

    @Option(
        help: ArgumentHelp(
            "Flows that are opened before and checked after; then there is no upgrade.",
            valueName: "n"))
    var standing = 0

    @Option(help: ArgumentHelp("Processes that compute all the time.", valueName: "n"))
    var busy = 0

    @Option(help: ArgumentHelp("Workers of each generation.", valueName: "n"))
    var workers = 2

    @Option(help: ArgumentHelp("For the same random moments again.", valueName: "n"))
    var seed: UInt64 = .random(in: 0..<1_000_000)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Who is killed, each as often as it is named: supervisor, keeper, worker.",
            valueName: "who"))
    var victims: [Victim] = [.supervisor]

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard kills > 0, flows > 0, workers > 0, rate > 0 else {
            throw ValidationError("--kills, --flows, --workers and --rate are above 0")
        }
        guard 0...1_000_000 ~= standing, 0...1024 ~= busy else {
            throw ValidationError("--standing is at most 1000000, --busy at most 1024")
        }
    }

    func run() throws {
        try LoadError.reported {
            let service = try SupervisedService(options: [
                "--workers", "\(workers)", "--idle-timeout", "\(idleSeconds)s", "--drain-timeout",
                "30min", "--max-flows", "\(max(1_048_576, flows))", "--receive-buffer", "64M",
            ])
            do {
                var report = try measure(service)
                try service.stop()
                let left = try service.takeLeftOvers()
                report.bars.append(.exactly(0, "processes left over", UInt64(left)))
                try report.conclude(json: json)
            } catch {
                try? service.stop()
                _ = try? service.takeLeftOvers()
                throw error
            }
        }
    }

    /// Long enough for every lasting flow to have its turn a few times, for one that stands to be
    /// checked.
    private var idleSeconds: Int {
        standing > 0 ? 1200 : max(2, Int(8 * Double(max(flows, 700)) / (rate / 2)) + 1)
    }

    private func measure(_ service: SupervisedService) throws -> BenchReport {
        let stood = try TwoGenerations(service, flows: standing, rate: 150_000)
        if standing > 0 { _ = try stood.open() }
        if standing == 0 {
            // From the first upgrade on there is a program before, which is held for a rollback.
            _ = try service.upgrade()
            try service.waitUntilSettled()
        }
        let descriptors = try service.restingDescriptors()
        let busyProcesses = try BusyProcesses(busy)
        defer { extendLifetime(busyProcesses) }
        let loop = try EventLoop()
        let plans = [plan(service, flows), plan(service, 700, openRate: 350)]
        let loads = try plans.map { try LoadRun($0, in: loop) }
        let upgrades = HarriedUpgrades(of: service, seed: seed, in: loop)
        let series = KillSeries(
            kills, victims, of: service, seed: seed, in: loop,
            isUpgrading: { [unowned upgrades] in upgrades.isUnderWay },
            then: { [unowned upgrades, standing] in
                upgrades.finish { loads.forEach { $0.stopSending() } }
                // Else they are under way.
                if standing > 0 { upgrades.begin() }
            })

        for load in loads { load.killed = series.killed }
        let progress = ProgressLine(in: loop) { [unowned series, unowned upgrades] in
            "kill \(series.kills) of \(kills), seed \(seed)  upgrades \(upgrades.asked)  "
                + "under way \(loads.reduce(0) { $0 + $1.tally.unanswered })"
        }
        var sending = loads.count
        for load in loads {
            load.send {
                sending -= 1
                if sending == 0 { loop.stop() }
            }
        }
        if standing == 0 { upgrades.begin() }
        series.begin()
        progress.begin()
        try loop.run()
        progress.end()
        for load in loads { try load.rethrow() }
        try series.rethrow()
        try upgrades.rethrow()
        try service.waitUntilSettled(within: .seconds(idleSeconds + 60))
        var report = BenchReport(
            "survive: \(kills) kills under \(Int(rate)) datagrams a second, seed \(seed)")
        report.bars = bars(series) + bars(upgrades)
        if standing > 0 {
            try stood.check()
            report.bars.append(.exactly(UInt64(standing), "standing flows kept", stood.kept))
        }
        report.bars += bars(loads.map(\.tally) + [stood.load.tally])
        for move in loads.compactMap(\.tally.firstMove) {
            report.bars.append(.figure("first that moved", move, .text(move)))
        }
        if standing == 0 {
            // A keeper that came last is no parent of workers before it, and holds less.
            _ = try service.upgrade()
            try service.waitUntilSettled()
        }
        let drops = try service.status().listeners.reduce(0) { $0 + $1.counters.drops }
        let after = try service.restingDescriptors()
        report.bars += [
            .exactly(0, "datagrams dropped by the kernel", UInt64(drops)),
            .exactly(UInt64(descriptors.total), "descriptors at rest", UInt64(after.total)),
        ]
        let changes = descriptors.changes(to: after)
        if !changes.isEmpty {
            report.bars.append(.figure("descriptors changed", changes, .text(changes)))
        }
        return report
    }

    private func plan(
        _ service: SupervisedService, _ flows: Int, openRate: Double = 0
    ) -> LoadPlan {
        var plan = LoadPlan(target: service.address, flows: flows, rate: rate / 2)
        plan.openRate = openRate
        return plan
    }

    private func bars(_ series: KillSeries) -> [Bar] {
        [
            .figure("kills", "\(series.kills)", .count(UInt64(series.kills))),
            .figure(
                "of supervisor, keeper, workers",
                Victim.allCases.map { "\(series.victims[$0] ?? 0)" }.joined(separator: ", "),
                .count(UInt64(series.victims[.supervisor] ?? 0))),
            .figure(
                "before the next one answered", "\(series.earlyKills)",
                .count(UInt64(series.earlyKills))),
            .figure(
                "before the flip of an upgrade", "\(series.amidUpgrades)",
                .count(UInt64(series.amidUpgrades))),
            .figure(
                "next supervisor answers, spread", series.times.spread,
                .number(series.times.percentile(1).seconds)),
            .figure(
                "its time on a CPU until then", series.processorTimes.spread,
                .number(series.processorTimes.percentile(0.5).seconds)),
            .under(
                .milliseconds(100), "next supervisor answers, most", series.times.percentile(1)),
            .exactly(0, "back to an older generation", UInt64(series.setBack)),
            .exactly(0, "workers lost sight of", UInt64(series.lostWorkers)),
        ]
    }

    private func bars(_ upgrades: HarriedUpgrades) -> [Bar] {
        let known =
            upgrades.finished + upgrades.finishedLater + upgrades.undone + upgrades.unheard
        return [
            .figure("upgrades asked", "\(upgrades.asked)", .count(UInt64(upgrades.asked))),
            .figure(
                "finished", "\(upgrades.finished), by a later supervisor \(upgrades.finishedLater)",
                .count(UInt64(upgrades.finished + upgrades.finishedLater))),
            .figure(
                "undone", "\(upgrades.undone)" + (upgrades.reason.map { ", \($0)" } ?? ""),
                .count(UInt64(upgrades.undone))),
            .figure(
                "never heard of", "\(upgrades.unheard)", .count(UInt64(upgrades.unheard))),
            .exactly(UInt64(upgrades.asked), "upgrades with an end", UInt64(known)),
        ]
    }

    private func bars(_ tallies: [Tally]) -> [Bar] {
        func sum(_ count: (Tally) -> UInt64) -> UInt64 { tallies.reduce(0) { $0 + count($1) } }
        let generations = tallies.reduce(into: Set<UInt32>()) { $0.formUnion($1.generations.keys) }
        return [
            .figure("datagrams sent", "\(sum(\.sent))", .count(sum(\.sent))),
            .figure("datagrams answered", "\(sum(\.answered))", .count(sum(\.answered))),
            .figure("flows opened", "\(sum(\.flowsOpened))", .count(sum(\.flowsOpened))),
            .figure(
                "generations that answered", "\(generations.count)",
                .count(UInt64(generations.count))),
            .exactly(0, "datagrams lost", sum(\.lost)),
            .exactly(0, "datagrams refused", sum(\.refused)),
            .exactly(0, "datagrams answered twice", sum(\.duplicate)),
            .exactly(0, "flows moved", sum(\.moved)),
            .exactly(0, "flows forgotten", sum(\.restarted)),
            .exactly(0, "new flows to an old generation", sum(\.stale)),
            .exactly(0, "answers dropped by this program", sum(\.ownDrops)),
        ]
    }
}
