import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench exporter`.
struct ExporterBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exporter",
        abstract: "How long a scrape of many services takes, and how much memory the exporter.",
        discussion: """
            Each service runs one worker and has been upgraded once. Runs the 'relevo-exporter' beside this program \
            as well. Scrapes come further apart than the exporter tells the same answer again.
            """)

    /// Longer than the exporter keeps an answer.
    private static let pause = Duration.milliseconds(300)
    private static let mostMemory: UInt64 = 24 << 20

    @Option(help: ArgumentHelp("Services.", valueName: "n"))
    var services = 50

    @Option(help: ArgumentHelp("Scrapes.", valueName: "n"))
    var scrapes = 40

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard 1...500 ~= services, scrapes > 0 else {
            throw ValidationError("--services is from 1 to 500, --scrapes above 0")
        }
    }

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("exporter: \(services) services, \(scrapes) scrapes")
            report.bars = try bars()
            try report.conclude(json: json)
        }
    }

    private func bars() throws -> [Bar] {
        let all = try (0..<services).map { _ in
            try SupervisedService(options: [])
        }
        for service in all { _ = try service.upgrade() }
        for service in all { try service.waitUntilSettled() }
        let exporter = try ScrapedExporter(of: all)
        let before = try all.map { try $0.supervisorTime() }
        var times: [Duration] = []
        var bytes = 0
        for _ in 0..<scrapes {
            let start = MonotonicClock.now()
            let page = try exporter.scrape()
            times.append(MonotonicClock.now() - start)
            guard page.up == services else {
                throw LoadError("\(page.up) of \(services) services have answered")
            }
            bytes = page.bytes
            try passTime(Self.pause)
        }
        let taken = try zip(all, before).map { try $0.supervisorTime() - $1 }
        let each = taken.reduce(.zero, +) / (services * scrapes)
        let memory = try Footprint(ofProcess: exporter.pid).resident
        for service in all { try service.stop() }
        return [
            .under(.milliseconds(50), "scrape, median", times.percentile(0.5)),
            .figure(
                "scrape, most", times.percentile(1).short, .number(times.percentile(1).seconds)),
            .figure("page", "\(bytes / 1024) KiB", .count(UInt64(bytes))),
            .atMost(bytes: Self.mostMemory, "exporter, resident", memory),
            .figure(
                "supervisor's processor time for each scrape", each.short, .number(each.seconds)),
        ]
    }
}

/// The exporter beside this program, asking these services alone.
private final class ScrapedExporter {
    private let process: ChildProcess
    private let folder: String
    private let address: SocketAddress

    init(of services: [SupervisedService]) throws {
        let own = try readLink("/proc/self/exe")
        let beside = String(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex))
        folder = try makeTemporaryFolder()
        for (number, service) in services.enumerated() {
            try makeLink(at: "\(folder)/\(number)", to: "\(service.folder)/bench")
        }
        let listener = try StreamListener.bound(to: .loopback())
        address = try listener.localAddress()
        var plan = SpawnPlan(
            executable: try resolveExecutable(beside + "/relevo-exporter"),
            arguments: ["relevo-exporter"],
            environment: ["LISTEN_FDS=1", "RUNTIME_DIRECTORY=\(folder)"])
        plan.session = .newGroup
        plan.deathSignal = SignalNumber.terminate
        plan.givesOwnPID = true
        var descriptors = DescriptorPlan()
        try descriptors.place(listener, at: 3)
        process = try ChildProcess.spawn(plan, descriptors: descriptors)
    }

    var pid: Int32 { process.pid }

    deinit {
        _ = try? process.signal(SignalNumber.terminate)
        _ = try? process.waitForExit()
        try? removeTree(folder)
    }

    /// One page as Prometheus asks for it: how many bytes it has, and how many services answered.
    func scrape() throws -> (bytes: Int, up: Int) {
        let connection = try StreamConnection(to: address)
        try connection.writeAll(
            Array(
                "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: application/openmetrics-text\r\n\r\n"
                    .utf8))
        var page: [UInt8] = []
        while true {
            guard try connection.wait(for: .readable, within: .seconds(30)) else {
                throw LoadError("the exporter does not answer")
            }
            guard let bytes = try connection.read(upTo: 1 << 18), !bytes.isEmpty else { break }
            page += bytes
        }
        let lines = page.split(separator: 0x0a)
        let (up, one) = (Array("relevo_up{".utf8), Array("\"} 1".utf8))
        return (
            page.count, lines.count { $0.starts(with: up) && $0.suffix(one.count) == one[...] }
        )
    }
}
