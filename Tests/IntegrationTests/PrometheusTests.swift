import Foundation
import Kernel
import TestKit
import Testing

/// packaging/prometheus, by the real Prometheus of Debian.
@Suite(.ownNetwork, .needsRoot, .needsProgram("prometheus", in: "prometheus"))
struct PrometheusTests {
    private static let folder =
        String(#filePath.dropLast("Tests/IntegrationTests/PrometheusTests.swift".utf8.count))
        + "packaging/prometheus"

    private static func text(_ name: String) throws -> String {
        String(decoding: try readFile("\(folder)/\(name)"), as: UTF8.self)
    }

    @Test func theRulesDoWhatTheyAreFor() throws {
        for command in ["check config prometheus.yml", "test rules alerts-test.yaml"] {
            let said = try Finished.running(
                ["sh", "-c", "cd \(Self.folder) && promtool \(command)"])
            #expect(said.exit == .code(0), "\(said)")
        }
    }

    /// A name that nobody tells makes an alert that never fires, and a panel that stays empty.
    @Test(.needsFlowSteering) func rulesAndDashboardUseWhatIsTold() throws {
        // With ids, of which there are figures too.
        let service = try Service.current(
            ["--name", "run", "--listen", "udp://127.0.0.1:4433", "--steering", "quic"],
            command: BindingWorker.command("serve(udp())"))
        let told = try service.relevo("metrics").output.filter { $0.hasPrefix("# TYPE") }
            .flatMap { line -> [String] in
                let words = line.split(separator: " ").map(String.init)
                switch words[3] {
                case "counter": return ["\(words[2])_total"]
                case "info": return ["\(words[2])_info"]
                case "histogram":
                    return ["bucket", "count", "sum"].map { "\(words[2])_\($0)" }
                default: return [words[2]]
                }
            }
        // What is there only at times, and what the rules record.
        let others = [
            "relevo_drain_left_seconds", "relevo_scrape_failure", "relevo:drain_eta_seconds",
            "relevo:table_fill_ratio",
        ]
        let known = Set(told + others)
        let expressions = try Self.expressions(
            in: JSONSerialization.jsonObject(with: Data(Self.text("dashboard.json").utf8)))
        #expect(expressions.count > 20)
        for text in expressions + [try Self.rules()] {
            for name in text.matches(of: /relevo[_:][a-z_]+/) {
                #expect(known.contains(String(name.output)), "\(name.output)")
            }
        }
        // As Prometheus reads them, with what Grafana puts in.
        let rules = expressions.enumerated().map { index, expression in
            let whole = expression.replacing("$__rate_interval", with: "5m")
            return "      - record: panel:\(index)\n        expr: '\(whole)'"
        }
        let file = service.folder.file("panels.yaml")
        let all = ["groups:", "  - name: panels", "    rules:"] + rules
        try writeFile(file, Array(all.joined(separator: "\n").utf8))
        let said = try Finished.running(["promtool", "check", "rules", file])
        #expect(said.exit == .code(0), "\(said)")
    }

    /// The alerts without what is said of them to people.
    private static func rules() throws -> String {
        try text("alerts.yaml").split(separator: "\n").filter {
            !$0.contains("relevo `") && !$0.contains("job=\"relevo\"")
        }.filter { $0.contains("{") || $0.contains("relevo_") }.joined(separator: "\n")
    }

    /// All values of fields that are called "expr".
    private static func expressions(in json: Any) -> [String] {
        if let list = json as? [Any] { return list.flatMap { expressions(in: $0) } }
        guard let object = json as? [String: Any] else { return [] }
        return object.flatMap { key, value in
            (value as? String).map { key == "expr" ? [$0] : [] } ?? expressions(in: value)
        }
    }

    /// Prometheus on the exporter, with the alerts as they are but for their times.
    @Test(.needsFlowSteering) func alertsFireAndEndAsTheServiceGoes() throws {
        let hold = try Hold()
        let service = try Service.current(
            ["--name", "run", "--listen", "udp://127.0.0.1:4433", "--idle-timeout", "2s"]
                + hold.options(),
            command: BindingWorker.command("serve(udp())"))
        let exporter = try TestProcess(
            [try Programs.path("relevo-exporter"), "--listen", "127.0.0.1:9752"],
            environment: service.environment)
        let prometheus = try Prometheus(rules: try Self.text("alerts.yaml"))
        #expect(try prometheus.value(of: "relevo_up") { $0 == 1 })
        // Upgrades are no reason for an alert.
        let client = try Question(to: .loopback(port: 4433))
        #expect(try client.ask()?.hasPrefix("1.0 on") == true)
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try prometheus.value(of: "relevo_generation") { $0 == 2 })
        #expect(
            try prometheus.value(of: #"relevo_handovers_total{result="completed"}"#) { $0 == 1 })
        #expect(try prometheus.firing() == [])
        // A rollback in the midst of a drain, until it has been over for a while.
        #expect(try client.ask()?.hasPrefix("2.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        let newer = try Question(to: .loopback(port: 4433))
        #expect(try newer.ask()?.hasPrefix("3.0 on") == true)
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try prometheus.eventuallyFiring(["RelevoRolledBack"]))
        #expect(
            try prometheus.value(of: #"relevo_handovers_total{result="rolledBack"}"#) { $0 == 1 })
        #expect(try prometheus.eventuallyFiring([]))
        // A worker that does not come back.
        try hold.set()
        try service.kill()
        #expect(try prometheus.eventuallyFiring(["RelevoNoReadyWorker"]))
        try hold.release()
        #expect(try prometheus.eventuallyFiring([]))
        // A crash of the supervisor.
        try service.crash()
        #expect(try prometheus.eventuallyFiring(["RelevoServiceDown"]))
        try service.resume()
        #expect(try service.line(with: "took over") != nil)
        #expect(try prometheus.eventuallyFiring([]))
        // The exporter's own end.
        try exporter.signal(SignalNumber.terminate)
        _ = try exporter.exit()
        #expect(try prometheus.eventuallyFiring(["RelevoExporterDown"]))
    }
}

/// A Prometheus that looks several times a second.
private final class Prometheus {
    private static let address = SocketAddress.loopback(port: 9090)

    private let process: TestProcess
    private let folder: TemporaryFolder

    /// - Parameter rules: whose times are made short.
    init(rules: String) throws {
        folder = try TemporaryFolder()
        let quick = rules.replacing(/for: \w+/) { _ in "for: 400ms" }
            .replacing(/\[\d+m\]/) { _ in "[3s]" }.replacing(/offset \w+/) { _ in "offset 2s" }
        try writeFile(folder.file("alerts.yaml"), Array(quick.utf8))
        try writeFile(
            folder.file("prometheus.yml"),
            Array(
                """
                global: {scrape_interval: 300ms, scrape_timeout: 300ms, evaluation_interval: 200ms}
                scrape_configs:
                  - job_name: relevo
                    static_configs: [{targets: ["127.0.0.1:9752"]}]
                rule_files: [alerts.yaml]
                """.utf8))
        process = try TestProcess([
            "prometheus", "--config.file=\(folder.file("prometheus.yml"))",
            "--storage.tsdb.path=\(folder.file("data"))", "--web.listen-address=127.0.0.1:9090",
            "--log.level=warn",
        ])
    }

    /// Waits until the only sample of an expression is so.
    func value(of expression: String, is wanted: (Double) -> Bool) throws -> Bool {
        let allowed = CharacterSet.alphanumerics
        let query = expression.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        return try eventually(within: .seconds(30)) {
            let answer = try get("/api/v1/query?query=\(query)", as: Samples.self)
            guard let found = answer?.data.result, found.count == 1 else { return false }
            return wanted(Double(found[0].value.1) ?? .nan)
        }
    }

    /// The names of the alerts that fire.
    func firing() throws -> Set<String> {
        Set(
            (try get("/api/v1/alerts", as: Alerts.self)?.data.alerts ?? [])
                .filter { $0.state == "firing" }.compactMap { $0.labels["alertname"] })
    }

    func eventuallyFiring(_ names: Set<String>) throws -> Bool {
        try eventually(within: .seconds(30)) { try firing() == names }
    }

    /// nil while it does not listen yet.
    private func get<Value: Decodable>(_ path: String, as type: Value.Type) throws -> Value? {
        guard let connection = try? StreamConnection(to: Self.address) else { return nil }
        try connection.writeAll(Array("GET \(path) HTTP/1.0\r\nHost: a\r\n\r\n".utf8))
        var bytes: [UInt8] = []
        while try connection.wait(for: .readable, within: .seconds(10)),
            let more = try connection.read(upTo: 65_536), !more.isEmpty
        {
            bytes += more
        }
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes[start...]))
    }

    private struct Samples: Decodable {
        struct Inner: Decodable { let result: [Sample] }
        let data: Inner
    }

    private struct Sample: Decodable {
        let value: (Double, String)

        enum CodingKeys: String, CodingKey { case value }

        init(from decoder: any Decoder) throws {
            var pair = try decoder.container(keyedBy: CodingKeys.self)
                .nestedUnkeyedContainer(forKey: .value)
            value = (try pair.decode(Double.self), try pair.decode(String.self))
        }
    }

    private struct Alerts: Decodable {
        struct Inner: Decodable { let alerts: [Alert] }
        struct Alert: Decodable {
            let state: String
            let labels: [String: String]
        }
        let data: Inner
    }
}
