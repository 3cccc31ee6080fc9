import ArgumentParser
import ControlClient
import ControlProtocol
import Exporter
import Kernel

/// `relevo-exporter`
struct ExporterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relevo-exporter",
        abstract: "Serves the figures of all services of Relevo to Prometheus over HTTP.",
        discussion: """
            /metrics has the figures, /healthz answers without asking any service. Sockets of a socket unit \
            are used where there are any. Nobody is asked who he is: what is served is what the status of the \
            services shows, so keep it on a loopback address, or behind something that asks.

              relevo-exporter
              relevo-exporter --listen '[::1]:9752'
              curl http://127.0.0.1:9752/metrics
            """,
        version: RelevoVersion.current)

    @Option(help: ArgumentHelp("Where to listen; several may be given.", valueName: "address:port"))
    var listen: [String] = []

    @Option(
        help: ArgumentHelp("How long services may take to answer, all together.", valueName: "ms"))
    var timeout = 2000

    @Option(
        help: ArgumentHelp(
            "How long a client may take to ask and to read the answer.", valueName: "seconds"))
    var clientTimeout = 10

    @Option(help: ArgumentHelp("Clients at a time; others wait.", valueName: "n"))
    var clients = 16

    func validate() throws {
        guard 1...60_000 ~= timeout else {
            throw ValidationError("--timeout is from 1 to 60000 milliseconds")
        }
        guard 1...3600 ~= clientTimeout, 1...1000 ~= clients else {
            throw ValidationError("--client-timeout is from 1 to 3600, --clients from 1 to 1000")
        }
        for text in listen where SocketAddress(text) == nil {
            throw ValidationError("--listen '\(text)' is no address with a port")
        }
    }

    func run() throws {
        var limits = HTTPServer.Limits()
        limits.time = .seconds(clientTimeout)
        limits.connections = UInt32(clients)
        let loop = try EventLoop()
        let exporter = Exporter(
            asking: ServiceLocator(), within: .milliseconds(timeout), in: loop)
        var count = 0
        for number in 0..<Inherited.count {
            guard let descriptor = inheritedDescriptor(3 + number), try descriptor.isListening()
            else { throw Complaint("descriptor \(3 + number) is no listener") }
            try exporter.serve(on: StreamListener(adopting: descriptor), limits)
            count += 1
        }
        let wanted = listen.isEmpty && count == 0 ? ["127.0.0.1:9752"] : listen
        for text in wanted {
            guard let address = SocketAddress(text) else { continue }
            let listener = try StreamListener.bound(
                to: address, options: StreamListenerOptions(reusePort: false))
            try exporter.serve(on: listener, limits)
        }
        try loop.run()
        withExtendedLifetime(exporter) {}
    }
}

/// What systemd hands over (sd_listen_fds(3)).
enum Inherited {
    static var count: Int32 {
        guard let process = Environment.value(of: "LISTEN_PID"),
            Int32(process) == ProcessIdentity.processID,
            let count = Environment.value(of: "LISTEN_FDS").flatMap({ Int32($0) })
        else { return 0 }
        return max(0, min(count, 16))
    }
}

struct Complaint: Error, CustomStringConvertible {
    let description: String

    init(_ text: String) { description = text }
}

// A reader that goes away is an error of a write, never the end of the program.
try? ignoreSignal(SignalNumber.pipe)
ExporterCommand.main()
