import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench bind`.
struct BindBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bind",
        abstract: "What answering bind(2) takes, and what it costs a worker besides.",
        discussion: """
            A server that knows of no supervisor binds its listener's address again and again, \
            and another one that is left to the kernel. Then it echoes, with its calls \
            intercepted and without, in turns: packets a second must not differ by more than \
            rounds of one and the same do.
            """)

    @Option(help: ArgumentHelp("How often each address is bound.", valueName: "n"))
    var binds = 2000

    @Option(help: ArgumentHelp("Rounds of traffic, each way.", valueName: "n"))
    var rounds = 15

    @Option(help: "Each of them.")
    var length = TimeOption(.milliseconds(500))

    @Flag(help: "Print figures as JSON.")
    var json = false

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("bind: \(binds) calls, \(rounds) rounds of traffic each way")
            report.bars = try bindBars() + trafficBars()
            try report.conclude(json: json)
        }
    }

    private func bindBars() throws -> [Bar] {
        var path = ""
        let service = try SupervisedService(options: ["--ready-timeout", "2min"]) {
            path = "\($1)/times"
            return ["binder", "\($0)", "--times", path, "--count", "\(binds)"]
        }
        let lines = String(decoding: try readFile(path), as: UTF8.self).split(separator: "\n")
        try service.stop()
        let times = lines.map { $0.split(separator: " ").compactMap { Int64($0) } }
        let answered = times.compactMap { $0.first.map { Duration.nanoseconds($0) } }
        let passed = times.compactMap { $0.last.map { Duration.nanoseconds($0) } }
        return [
            .figure("binds answered", "\(answered.count)", .count(UInt64(answered.count))),
            .under(.milliseconds(1), "answered with a slot, median", answered.percentile(0.5)),
            .figure(
                "answered, spread", answered.spread, .number(answered.percentile(1).seconds)),
            .figure(
                "looked at and left to the kernel", passed.spread,
                .number(passed.percentile(0.5).seconds)),
        ]
    }

    private func trafficBars() throws -> [Bar] {
        let services = try [["--no-intercept"], []].map { options in
            // Both take the socket that they inherit, so that this is all that differs.
            try SupervisedService(options: options) { address, _ in
                ["binder", "\(address)", "--inherit"]
            }
        }
        var rates: [[Double]] = [[], []]
        for round in 0..<rounds * 2 {
            let which = round % 2
            rates[which].append(
                try EchoRate(services[which].address).measured(for: length.duration))
        }
        for service in services { try service.stop() }
        let (without, with) = (rates[0].sorted(), rates[1].sorted())
        let change = (with.middle - without.middle) / without.middle
        let noise = (without.quantile(0.75) - without.quantile(0.25)) / without.middle
        return [
            .figure(
                "packets a second, not intercepted", "\(Int(without.middle))",
                .number(without.middle)),
            .figure("packets a second, intercepted", "\(Int(with.middle))", .number(with.middle)),
            Bar(
                name: "change", value: .number(change), text: "\((change * 100).digits) %",
                demand: "no loss above the spread of rounds, \((noise * 100).digits) %",
                isMet: change >= -noise),
        ]
    }
}

extension [Double] {
    /// Of sorted values the one that this share does not exceed.
    fileprivate func quantile(_ share: Double) -> Double {
        isEmpty ? 0 : self[Swift.min(count - 1, Int(Double(count) * share))]
    }

    fileprivate var middle: Double { quantile(0.5) }
}
