package import ControlClient
import ControlProtocol
package import Kernel
import Metrics

/// Serves the metrics of all services of the machine.
///
/// Whoever asks while services are being asked shares their answer, and so does who asks again within a moment: many
/// readers are no more work for supervisors than one.
package final class Exporter {
    /// How old an answer may be.
    private static let freshness = Duration.milliseconds(250)

    private typealias Waiting = (format: Exposition, reply: (HTTPResponse) -> Void)

    /// What came of one look at all services, in the formats that somebody has asked for.
    private final class Pages {
        let time: Duration
        private let metrics: ServiceMetrics
        private let own: ExporterMetrics
        private var made: [Exposition: HTTPResponse] = [:]

        init(_ metrics: ServiceMetrics, _ own: ExporterMetrics, at time: Duration) {
            self.metrics = metrics
            self.own = own
            self.time = time
        }

        subscript(format: Exposition) -> HTTPResponse {
            if let there = made[format] { return there }
            let response = HTTPResponse(
                mediaType: format.mediaType, body: metrics.text(format, more: own))
            made[format] = response
            return response
        }
    }

    private let loop: EventLoop
    private let locator: ServiceLocator
    private let timeout: Duration
    private var servers: [HTTPServer] = []
    private var survey: StatusSurvey?
    private var waiting: [Waiting] = []
    private var last: Pages?
    private var scrapes = 0

    /// - Parameter timeout: for all services together.
    package init(asking locator: ServiceLocator, within timeout: Duration, in loop: EventLoop) {
        self.loop = loop
        self.locator = locator
        self.timeout = timeout
    }

    /// Serves on one more socket.
    package func serve(
        on listener: consuming StreamListener, _ limits: HTTPServer.Limits = HTTPServer.Limits()
    ) throws(KernelError) {
        servers.append(
            try HTTPServer(on: listener, limits, in: loop) { [unowned self] in answer($0, $1) })
    }

    /// Ends all connections and closes the sockets.
    package func stop() {
        for server in servers { server.stop() }
        servers = []
    }

    private func answer(_ request: HTTPRequest, _ reply: @escaping (HTTPResponse) -> Void) {
        switch request.path {
        case "/metrics": metrics(Exposition(accepting: request.accept), reply)
        case "/healthz": reply(HTTPResponse("ok"))
        case "/": reply(landing)
        default: reply(HTTPResponse(status: 404, "not found; the metrics are at /metrics"))
        }
    }

    private func metrics(_ format: Exposition, _ reply: @escaping (HTTPResponse) -> Void) {
        if let last, MonotonicClock.now() - last.time < Self.freshness {
            return reply(last[format])
        }
        waiting.append((format, reply))
        guard survey == nil else { return }
        let start = MonotonicClock.now()
        scrapes += 1
        survey = StatusSurvey(of: locator.existing(), within: timeout, in: loop) {
            [unowned self] looks in
            let end = MonotonicClock.now()
            tell(
                Pages(
                    ServiceMetrics(looks),
                    ExporterMetrics(
                        scrapes: scrapes, seconds: (end - start) / .seconds(1),
                        version: RelevoVersion.current), at: end))
        }
    }

    private func tell(_ pages: Pages) {
        last = pages
        survey = nil
        let waited = waiting
        waiting = []
        for (format, reply) in waited { reply(pages[format]) }
        // It is not kept for longer than it may be told again.
        _ = loop.schedule(at: pages.time + Self.freshness) { [unowned self] in
            if last === pages { last = nil }
        }
    }

    private let landing = HTTPResponse(
        mediaType: "text/html; charset=utf-8",
        body: Array(
            """
            <!doctype html>
            <html lang="en">
            <title>relevo-exporter</title>
            <h1>relevo-exporter \(RelevoVersion.current)</h1>
            <p>Figures of the services that Relevo runs on this machine.</p>
            <ul>
            <li><a href="/metrics">/metrics</a> for Prometheus
            <li><a href="/healthz">/healthz</a> for probes
            </ul>
            </html>

            """.utf8))
}
