import ServiceCore
import Settings

/// What is known of the hooks that were begun.
struct HooksSeen {
    /// The one that runs, and the supervisor that began it.
    var running: (number: Int, incarnation: Int)?
}

/// **One hook runs at a time**, and the supervisor that has begun it knows it.
extension World {
    func hookBegan(_ run: HookRun, _ service: Service) {
        if let running = hooks.running, running.incarnation == incarnation {
            violate(.answers, "\(run.name) begins while hook \(running.number) runs")
        }
        if service.hooks.running != run {
            violate(.answers, "\(run.name) is begun and not known to run")
        }
        hooks.running = (run.number, incarnation)
    }

    func hookEnds(_ number: Int) {
        if hooks.running?.number == number { hooks.running = nil }
    }
}
