import ControlProtocol
import Kernel
import Synchronization
import TestKit
import Testing

struct ExporterTests {
    @Test func allServicesAreOnOnePageInTheFormatThatIsAskedFor() throws {
        let exporter = try Exporting(services: ["a", "b"])
        let plain = try exporter.get("/metrics")
        #expect(plain.status == 200)
        #expect(plain.fields.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
        #expect(plain.body.contains(#"relevo_up{service="a"} 1"#))
        #expect(plain.body.contains(#"relevo_up{service="b"} 1"#))
        let named = try exporter.get(
            "/metrics?x=1", "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1")
        #expect(
            named.fields.contains(
                "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"))
        #expect(named.body.suffix(2) == ["# EOF", ""])
        #expect(named.body.contains("relevo_exporter_scrapes_total 1"))
    }

    @Test func otherPagesAreFewAndTheRestIsRefused() throws {
        let exporter = try Exporting()
        #expect(try exporter.get("/healthz").body == ["ok", ""])
        let landing = try exporter.get("/")
        #expect(landing.status == 200)
        #expect(landing.body.contains { $0.contains(#"href="/metrics""#) })
        #expect(try exporter.get("/other").status == 404)
        #expect(try exporter.get("/../etc/passwd").status == 404)
        #expect(try exporter.get("/metrics", "Content-Length: 0", method: "POST").status == 405)
        #expect(try exporter.get("/healthz", method: "HEAD").body.filter { !$0.isEmpty } == [])
    }

    @Test func aRequestWithoutAnEndIsRefused() throws {
        let exporter = try Exporting("--client-timeout", "1")
        let client = try exporter.client()
        try client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n")
        // More than the room for a request, less than what the kernel takes for it.
        try? client.send("X: " + String(repeating: "y", count: 40_000))
        let answer = try client.answer()
        #expect([nil, 413, 431].contains(answer.status))
        #expect(try exporter.get("/healthz").status == 200)
        for text in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET /metrics HTTP/9.9\r\n\r\n"] {
            let client = try exporter.client()
            try client.send(text)
            #expect(try client.answer().status != 200)
        }
    }

    @Test func clientsThatSendSlowlyAreGoneInTheirTime() throws {
        let exporter = try Exporting("--client-timeout", "1", "--clients", "4")
        let started = MonotonicClock.now()
        let slow = try (0..<4).map { _ in Slow(try exporter.client()) }
        for client in slow { try client.drip() }
        // It waits in the queue until one of them is gone.
        let answer = try exporter.get("/healthz")
        #expect(answer.status == 200)
        let took = MonotonicClock.now() - started
        #expect(took > .milliseconds(500) && took < .seconds(10))
        for client in slow { #expect(try client.isCut()) }
    }

    @Test func oneWhoDoesNotReadHoldsNobodyUp() throws {
        let exporter = try Exporting(
            "--client-timeout", "2", "--clients", "10", services: ["a"])
        // Together more than the kernel's buffers take.
        for number in 1...3 {
            try exporter.add("big\(number)") { client in
                let listeners = (0..<1000).map {
                    ListenerStatus(
                        address: "udp://\($0)" + String(repeating: "x", count: 100),
                        steering: "flow", counters: ListenerCounters(), flows: 1)
                }
                let status = ServiceStatus(
                    name: "big", pid: 1, current: 1, listeners: listeners, generations: [])
                AnsweringSocket.answer(ControlReply.status(status).frame(), client)
            }
        }
        let deaf = try (0..<10).map { _ in Slow(try exporter.client()) }
        for client in deaf { try client.ask() }
        // There is no place for it until their time is over.
        let answer = try exporter.get("/metrics")
        #expect(answer.status == 200)
        #expect(answer.body.count { $0.hasPrefix("relevo_drops_total") } == 3000)
        // One copy of it is in memory, not one for each of them.
        #expect(try exporter.memory() < 100_000_000)
        withExtendedLifetime(deaf) {}
    }

    @Test func aServiceThatSaysNothingIsDownAndCostsOneTimeout() throws {
        let exporter = try Exporting("--timeout", "300", services: ["a"])
        try exporter.add("silent") { _ = try? $0.wait(for: .hungUp, within: .seconds(20)) }
        let start = MonotonicClock.now()
        let answer = try exporter.get("/metrics")
        #expect(MonotonicClock.now() - start < .seconds(10))
        #expect(answer.body.contains(#"relevo_up{service="a"} 1"#))
        #expect(answer.body.contains(#"relevo_up{service="silent"} 0"#))
    }

    @Test func readersAtTheSameTimeAreOneQuestionToAService() throws {
        let exporter = try Exporting()
        let count = Atomic(0)
        let gate = Atomic(false)
        try exporter.add("counted") { client in
            count.add(1, ordering: .relaxed)
            _ = try? eventually { gate.load(ordering: .relaxed) }
            Exporting.answer("counted", client)
        }
        let readers = try (0..<10).map { _ in Slow(try exporter.client()) }
        for reader in readers { try reader.ask() }
        #expect(try eventually { count.load(ordering: .relaxed) > 0 })
        gate.store(true, ordering: .relaxed)
        for reader in readers {
            #expect(try reader.answer().body.contains(#"relevo_up{service="counted"} 1"#))
        }
        // All of them asked before it answered, but for one that the machine may have held up.
        #expect(1...2 ~= count.load(ordering: .relaxed))
    }

    @Test func wrongOptionsAreRefused() throws {
        let program = try Programs.path("relevo-exporter")
        for options in [
            ["--listen", "nowhere"], ["--timeout", "0"], ["--clients", "0"],
            ["--client-timeout", "x"],
        ] {
            let said = try Finished.running([program] + options)
            #expect(said.exit == .code(64))
            #expect(!said.errors.isEmpty)
        }
        #expect(try Finished.running([program, "--version"]).text == RelevoVersion.current)
    }
}

/// A client that is kept.
final class Slow {
    private let client: Client

    init(_ client: consuming Client) { self.client = client }

    /// Begins a request and does not end it.
    func drip() throws { try client.send("GET /healthz HTTP/1.1\r\nHo") }

    /// Asks and does not read.
    func ask() throws { try client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n") }

    func answer() throws -> Answer { try client.answer() }

    /// Whether the other side ends the connection without an answer.
    func isCut() throws -> Bool { try client.answer().status != 200 }
}
