import ControlProtocol

/// Whether a service does what it is for, as far as its status tells.
enum ServiceHealth: Int32 {
    case healthy = 0
    /// It serves, but not as it is meant to.
    case degraded = 1
    /// Nobody takes new flows.
    case down = 2

    init(_ status: ServiceStatus) {
        guard let current = status.currentGeneration else {
            self = .down
            return
        }
        let ready = current.readyWorkers
        if current.state != .current {
            // It drains to the service's end, or makes room for the next one.
            self = status.handover == nil && ready > 0 ? .degraded : .down
        } else if ready == 0 {
            self = .down
        } else {
            let isAsMeant =
                ready == current.workers.count && status.changedSettings?.isEmpty ?? true
                && current.program?.changed == nil
                && !status.listeners.contains { $0.isHarmed == true }
            self = isAsMeant ? .healthy : .degraded
        }
    }

    var style: Style {
        switch self {
        case .healthy: .green
        case .degraded: .yellow
        case .down: .red
        }
    }
}

extension ServiceStatus {
    /// The generation that new flows go to, or wait for.
    var currentGeneration: GenerationStatus? {
        current.flatMap { number in generations.first { $0.id == number } }
    }

    /// What is not as it ought to be at its listeners.
    var problems: [String] {
        listeners.flatMap { listener in
            (listener.problems ?? []).map { "\(listener.address): \($0)" }
        }
    }

    /// In a few words, what the service is about.
    var summary: String {
        guard let generation = currentGeneration else {
            if let drains = generations.last(where: { [.draining, .retiring].contains($0.state) }) {
                return "stopping, generation \(drains.id) drains"
            }
            return generations.contains { $0.state == .starting }
                ? "starting" : "no generation runs"
        }
        if generation.state != .current, handover == nil {
            return "stopping, generation \(generation.id) drains"
        }
        let serving = generation.serving
        guard let handover else { return serving }
        if handover.to != generation.id {
            // Rolled back, it has the flows that it got meanwhile.
            let isOver = [.drain, .retire].contains(handover.phase)
            return "\(serving), \(handover.to) \(isOver ? "drains" : "starts")"
        }
        return handover.from.map { "\(serving), \($0) drains" } ?? serving
    }
}

extension GenerationStatus {
    var readyWorkers: Int { workers.count { $0.state == .ready } }

    /// Whether it serves, by the workers that are ready.
    fileprivate var serving: String {
        let ready = readyWorkers
        let verb = ready > 0 && state == .current ? "serves" : "does not serve"
        let part = ready < workers.count ? ", \(ready) of \(workers.count) workers ready" : ""
        return "generation \(id) \(verb)\(part)"
    }
}
