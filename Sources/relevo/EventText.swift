import ControlProtocol

/// One event as a line for people.
enum EventText {
    static func line(_ event: ServiceEvent) -> String {
        var text = "\(StatusText.printable(event.time))  \(sentence(event))"
        if let missed = event.missed, missed > 0 { text += " (\(missed) events before it missed)" }
        return text
    }

    private static func sentence(_ event: ServiceEvent) -> String {
        let generation = event.generation.map { "generation \($0)" } ?? "no generation"
        let worker = "worker \(event.generation ?? 0).\(event.worker ?? 0)"
        let pid = event.pid.map { " (pid \($0))" } ?? ""
        let message = event.message.map { ": \(StatusText.printable($0))" } ?? ""
        switch event.kind {
        case .following: return "\(generation) is current\(message)"
        case .workerStarted: return "\(worker) started\(pid)"
        case .workerReady: return "\(worker) is ready\(pid)"
        case .workerFailed: return "\(worker) failed\(pid)\(message)"
        case .workerExited: return "\(worker) exited\(pid)\(message)"
        case .handoverStarted: return "a handover to \(generation) begins"
        case .phase: return phase(event, generation) + message
        case .handoverEnded:
            guard let report = event.report else { return "a handover to \(generation) ended" }
            return "handover \(StatusText.summary(report))"
        case .generationStopped: return "\(generation) has ended"
        case .warning:
            let about = event.worker == nil ? "" : " of \(worker)"
            return "warning\(about)\(message)"
        case .stopping: return "the service stops"
        case .stopped: return "the service has stopped"
        // What only a newer supervisor knows.
        default: return "\(StatusText.printable(event.kind.rawValue)): \(generation)\(message)"
        }
    }

    private static func phase(_ event: ServiceEvent, _ generation: String) -> String {
        switch event.phase {
        case .start: return "\(generation) started"
        case .ready: return "\(generation) is ready"
        case .flip: return "new flows go to \(generation)"
        case .drain:
            let flows = event.flowsLeft.map { ["\($0) flows"] } ?? []
            let left = flows + (event.outsideLeft?.parts ?? [])
            return "\(generation) drains"
                + (left.isEmpty ? "" : ", \(left.joined(separator: ", ")) left")
        case .retire: return "\(generation) retires"
        default: return "\(generation): \(event.phase.map { "\($0)" } ?? "a phase")"
        }
    }
}
