import ArgumentParser
import Settings

/// The options of `relevo run`; each is a key of the settings file as well.
struct RunOptions: ParsableArguments {
    @Option(help: "The service's name (default: base name of the command).")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "An address to listen on: udp://0.0.0.0:4433, udp://[::]:53, tcp://127.0.0.1:443; repeatable.",
            valueName: "address"))
    var listen: [String] = []

    @Option(
        help: ArgumentHelp(
            "What becomes a listener when the server binds it: udp:53, udp:*, tcp:443, or auto for all with a port of their own; repeatable.",
            valueName: "rule"))
    var adopt: [String] = []

    @Flag(help: "Leave the server's own bind(2) to the kernel: it takes its sockets otherwise.")
    var noIntercept = false

    @Option(
        help: ArgumentHelp(
            "auto, flow or stateless, for the udp listeners (default: flow).", valueName: "mode"),
        completion: .list(["auto", "flow", "stateless"]))
    var steering: String?

    @Option(help: ArgumentHelp("Processes in each generation (default: 1).", valueName: "n"))
    var workers: String?

    @Option(
        help: ArgumentHelp("Sockets of each listener for each worker (default: 1).", valueName: "n")
    )
    var socketsPerWorker: String?

    @Option(
        help: ArgumentHelp(
            "Let workers join that others start: newest or manual (default: none may).",
            valueName: "policy"), completion: .list(["newest", "manual"]))
    var joinPolicy: String?

    @Option(
        help: ArgumentHelp(
            "When a worker is ready: auto, notify, alive:2s or exec:COMMAND (default: auto).",
            valueName: "rule"))
    var ready: String?

    @Option(
        help: ArgumentHelp(
            "How long a generation may take to get ready (default: 30s).", valueName: "time"))
    var readyTimeout: String?

    @Option(
        help: ArgumentHelp(
            "no: for a server that cannot run twice; the old one is stopped before the new one starts (default: yes).",
            valueName: "yes|no"), completion: .list(["yes", "no"]))
    var overlap: String?

    @Option(
        help: ArgumentHelp(
            "A folder of which each generation sees an empty one of its own; repeatable.",
            valueName: "path"), completion: .directory)
    var `private`: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long old flows may keep an old generation (default: 1h; 0 for at once, or infinity).",
            valueName: "time"))
    var drainTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Which sessions keep an old generation, of flows, connections, connected, ports and reported (default: all).",
            valueName: "kinds"))
    var drainWaitsFor: String?

    @Option(
        help: ArgumentHelp("A flow unseen that long has ended (default: 60s).", valueName: "time"))
    var idleTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Between empty queues and the stop signal (default: 250ms).", valueName: "time"))
    var linger: String?

    @Option(help: ArgumentHelp("Ends a worker (default: TERM).", valueName: "signal"))
    var stopSignal: String?

    @Option(
        help: ArgumentHelp(
            "After that long without effect, KILL (default: 10s).", valueName: "time"))
    var stopTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Sent to the old workers when new flows go elsewhere (default: none).",
            valueName: "signal"))
    var drainSignal: String?

    @Option(
        help: ArgumentHelp(
            "Live flows that each udp listener has room for (default: 1048576).", valueName: "n"))
    var maxFlows: String?

    @Option(help: ArgumentHelp("Of each socket (default: 8M).", valueName: "size"))
    var receiveBuffer: String?

    @Option(
        help: ArgumentHelp(
            "Connections waiting to be accepted, for the tcp listeners (default: 4096).",
            valueName: "n"))
    var backlog: String?

    @Option(help: "The workers' user (default: unchanged).")
    var user: String?

    @Option(help: "The workers' group (default: unchanged).")
    var group: String?

    @Option(
        help: ArgumentHelp("A group whose members may use the control socket.", valueName: "group"))
    var controlGroup: String?

    @Option(
        help: ArgumentHelp(
            "Besides LISTEN_FDS: nginx or server-starter; repeatable.", valueName: "style"),
        completion: .list(["nginx", "server-starter"]))
    var environmentStyle: [String] = []

    @Option(
        help: ArgumentHelp("Added to the workers' environment; repeatable.", valueName: "key=value")
    )
    var environment: [String] = []

    @Option(
        help: ArgumentHelp("The workers' folder (default: unchanged).", valueName: "path"),
        completion: .directory)
    var workingDirectory: String?

    @Option(
        help: ArgumentHelp(
            "The longest silence of a worker that sends WATCHDOG=1 (default: no limit).",
            valueName: "time"))
    var watchdog: String?

    @Flag(help: "Give the workers non-blocking sockets.")
    var nonBlocking = false
}
