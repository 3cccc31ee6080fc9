import ArgumentParser
import ControlClient
import ControlProtocol
import Metrics

/// `relevo metrics`
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Prints figures of all services, or of one, for Prometheus.",
        discussion: """
            OpenMetrics text, once. All services are asked at the same time, and one that does not \
            answer within --timeout is `relevo_up 0` with the reason. relevo-exporter(8) serves the same \
            over HTTP.

              relevo metrics
              relevo metrics dns | grep relevo_flows
              relevo metrics --format prometheus >/var/lib/prometheus/node-exporter/relevo.prom
            """)

    /// What the text looks like.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case openmetrics, prometheus
    }

    @OptionGroup var service: ServiceOptions

    @Option(help: "openmetrics, or prometheus for what reads only the older text format.")
    var format = Format.openmetrics

    @Flag(
        help: "One JSON object instead: each service with its whole status, or why there is none.")
    var json = false

    @OptionGroup var survey: SurveyOptions

    func run() throws {
        let looks = try survey.looks(at: service.surveyed)
        if json {
            Console.say(JSONOption.text(Looks(looks)))
            return
        }
        let form: Exposition = format == .openmetrics ? .openMetrics : .prometheus
        // The last line's end is added again.
        Console.say(String(decoding: ServiceMetrics(looks).text(form).dropLast(), as: UTF8.self))
    }

    /// What was found, as an object.
    private struct Looks: Encodable {
        struct Look: Encodable {
            let name: String
            let up: Bool
            /// Why there is no status: gone, denied, silent or malformed.
            let reason: String?
            let status: ServiceStatus?
        }
        let services: [Look]

        init(_ looks: [ServiceLook]) {
            services = looks.map { look in
                switch look.answer {
                case .success(let status):
                    Look(name: status.name, up: true, reason: nil, status: status)
                case .failure(let failure):
                    Look(name: look.name, up: false, reason: failure.rawValue, status: nil)
                }
            }
        }
    }
}
