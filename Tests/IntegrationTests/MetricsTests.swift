import ControlProtocol
import Kernel
import TestKit
import Testing

/// `relevo metrics` of a service that runs, as Prometheus' own tools read it.
@Suite(.ownNetwork, .needsRoot)
struct MetricsTests {
    private static let address = "udp://127.0.0.1:4433"

    private func service(_ options: String...) throws -> Service {
        try Service.current(
            ["--name", "run", "--listen", Self.address, "--idle-timeout", "2s"] + options,
            command: BindingWorker.command("serve(udp())"))
    }

    /// The value of a sample, by all that stands before it.
    private func value(of sample: String, in text: Finished) -> Double? {
        text.output.first { $0.hasPrefix(sample + " ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    @Test func aWatchAndADryRunAreSeenInTheFigures() throws {
        let service = try service()
        func figure(_ name: String, _ labels: String = "") throws -> Double? {
            value(of: #"\#(name){service="run"\#(labels)}"#, in: try service.relevo("metrics"))
        }
        #expect(try figure("relevo_watch_active") == 0)
        #expect(try service.relevo("upgrade", "--dry-run").succeeded)
        #expect(
            try service.relevo("upgrade", "--dry-run", "--check", "exec:false").exit == .code(1))
        #expect(
            try service.eventually { $0.handover == nil && $0.tally?.handovers.dryRunFailed == 1 })
        #expect(try figure("relevo_handovers_total", #",result="dryRunPassed""#) == 1)
        #expect(try figure("relevo_handovers_total", #",result="dryRunFailed""#) == 1)
        for other in ["incomplete", "failed"] {
            #expect(try figure("relevo_handovers_total", #",result="\#(other)""#) == 0)
        }
        let upgrade = try service.starting("upgrade", "--watch", "1h")
        #expect(try service.eventually { $0.generations.last?.watch != nil })
        #expect(try figure("relevo_watch_active") == 1)
        #expect(try 3000..<3601 ~= (figure("relevo_watch_left_seconds") ?? 0))
        #expect(try service.relevo("promote").succeeded)
        #expect(try upgrade.finished().succeeded)
        #expect(try figure("relevo_watch_active") == 0)
    }

    @Test(.needsFlowSteering) func anUpgradeIsSeenInTheFigures() throws {
        let service = try service()
        let client = try Question(to: .loopback(port: 4433))
        #expect(try client.ask()?.hasPrefix("1.0 on") == true)
        let before = try service.relevo("metrics")
        #expect(before.exit == .code(0))
        #expect(before.errors.isEmpty)
        func figure(_ text: Finished, _ name: String, _ labels: String = "") -> Double? {
            value(of: #"\#(name){service="run"\#(labels)}"#, in: text)
        }
        #expect(figure(before, "relevo_up") == 1)
        #expect(before.output.count { $0.hasPrefix("relevo_up") } == 1)
        #expect(figure(before, "relevo_generation") == 1)
        #expect(figure(before, "relevo_flows", #",generation="current""#) == 1)
        #expect(figure(before, "relevo_table_flows", #",table="1""#) == 1)
        #expect(figure(before, "relevo_table_capacity", #",table="1""#) == 1_048_576)
        #expect(figure(before, "relevo_handovers_total", #",result="completed""#) == 0)
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let after = try service.relevo("metrics", "run")
        #expect(figure(after, "relevo_generation") == 2)
        #expect(figure(after, "relevo_handovers_total", #",result="completed""#) == 1)
        for phase in ["start", "ready", "flip", "drain", "retire"] {
            #expect(
                figure(after, "relevo_handover_phase_seconds_count", #",phase="\#(phase)""#) == 1)
        }
        // The flow had to become idle first.
        let drain = figure(after, "relevo_handover_phase_seconds_sum", #",phase="drain""#)
        #expect(try #require(drain) > 0.5)
        let own = try #require(figure(after, "relevo_supervisor_resident_bytes"))
        #expect(4_000_000..<200_000_000 ~= own)
        #expect(try #require(figure(after, "relevo_supervisor_cpu_seconds_total")) > 0.001)
        let worker = #",generation="current",worker="0""#
        let memory = try #require(figure(after, "relevo_worker_resident_bytes", worker))
        #expect(100_000..<200_000_000 ~= memory)
        #expect(figure(after, "relevo_worker_cpu_seconds_total", worker) != nil)
        let open = try ProcessView.numbers(in: "fd", of: service.process.pid, atMost: 10_000).count
        // The connection that asks is one more or less.
        let told = try #require(figure(after, "relevo_supervisor_descriptors"))
        #expect(abs(told - Double(open)) <= 2)
        #expect(
            try #require(figure(after, "relevo_supervisor_descriptors_limit")) >= told)
    }

    @Test func workersThatAreStartedAgainAreCounted() throws {
        let service = try service()
        try service.kill()
        #expect(try service.line(with: "worker 1.0 is ready") != nil)
        #expect(
            try eventually {
                let text = try service.relevo("metrics")
                let ready = #"relevo_workers{service="run",generation="current",state="ready"}"#
                return value(of: #"relevo_worker_restarts_total{service="run"}"#, in: text) == 1
                    && value(of: ready, in: text) == 1
            })
    }

    @Test func aSupervisorThatStandsStillIsDownAndHoldsNobodyUp() throws {
        let service = try service()
        try service.process.signal(SignalNumber.stop)
        defer { _ = try? service.process.signal(SignalNumber.resume) }
        let text = try service.relevo("metrics", "--timeout", "200ms")
        #expect(text.exit == .code(0))
        #expect(value(of: #"relevo_up{service="run"}"#, in: text) == 0)
        #expect(
            value(of: #"relevo_scrape_failure{service="run",reason="silent"}"#, in: text) == 1)
    }

    @Test func aSupervisorThatIsGoneIsDown() throws {
        let service = try service()
        try service.crash()
        let text = try service.relevo("metrics")
        #expect(value(of: #"relevo_up{service="run"}"#, in: text) == 0)
        #expect(value(of: #"relevo_scrape_failure{service="run",reason="gone"}"#, in: text) == 1)
        try service.resume()
        #expect(try service.line(with: "took over") != nil)
        #expect(value(of: #"relevo_up{service="run"}"#, in: try service.relevo("metrics")) == 1)
    }

    @Test(.needsProgram("promtool", in: "prometheus"))
    func prometheusOwnToolHasNothingToSay() throws {
        let service = try service()
        #expect(try service.relevo("upgrade").exit == .code(0))
        let program = try Programs.path("relevo")
        let said = try Finished.running(
            ["sh", "-c", #""$0" metrics --format prometheus | promtool check metrics"#, program],
            environment: service.environment)
        #expect(said.exit == .code(0))
        #expect(said.output + said.errors == [])
    }

    /// A reader that takes nothing that the standard does not allow.
    @Test(.needsVarlink) func itIsOpenMetricsToTheLetter() throws {
        let service = try service()
        let python = try #require(VarlinkProgram.interpreter)
        let text = try service.relevo("metrics").text + "\n"
        let file = service.folder.file("metrics")
        try writeFile(file, Array(text.utf8))
        let said = try Finished.running([
            python, "-c",
            """
            import sys
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            families = list(text_string_to_metric_families(open(sys.argv[1]).read()))
            print(len(families), sum(len(f.samples) for f in families) > 50)
            """, file,
        ])
        #expect(said.errors == [])
        let families = text.split(separator: "\n").count { $0.hasPrefix("# TYPE") }
        #expect(said.output == ["\(families) True"])
    }
}
