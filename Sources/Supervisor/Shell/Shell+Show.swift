import HandoverCore
import Kernel
import Logging
import ServiceCore

/// A run that only finds out what its server binds.
extension Shell {
    /// How long after the last bind another one may come.
    private static let quiet = Duration.seconds(1)
    /// How long a server may take to bind anything.
    private static let showTimeout = Duration.seconds(10)

    /// Stops the service once its server binds nothing more.
    func showBinds() {
        log.notice("no --listen and no --adopt: this only finds out what the server binds")
        lookAtBinds(until: MonotonicClock.now() + Self.showTimeout, known: 0, since: .zero)
    }

    private func lookAtBinds(until end: Duration, known: Int, since: Duration) {
        let now = MonotonicClock.now()
        let binds = conductor.service.workers.all.flatMap { $0.process.foreignBinds }
        if !binds.isEmpty { foundBinds = binds }
        let changed = foundBinds.count > known ? now : since
        if !foundBinds.isEmpty && now - changed >= Self.quiet || now >= end {
            return conductor.take(
                .asked(nil, .stop(within: .zero), .none, sendsProgress: false))
        }
        _ = loop.schedule(at: now + .milliseconds(100)) { [unowned self] in
            lookAtBinds(until: end, known: foundBinds.count, since: changed)
        }
    }

    /// What was found, and what to do with it, for the operator.
    var bindsShown: String {
        if foundBinds.isEmpty {
            return
                "the server has bound no address of UDP or TCP; --listen says what it is to serve"
        }
        let rules = Set(
            foundBinds.compactMap { bind in
                bind.split(separator: ":").last.map { port in "\(bind.prefix(3)):\(port)" }
            }
        ).sorted().map { "--adopt \($0)" }
        return
            "the server binds \(foundBinds.joined(separator: ", ")), and was stopped again: run it with "
            + "\(rules.joined(separator: " ")), with --adopt auto, or with a --listen for each address"
    }
}
