import HandoverCore
import ServiceCore
import Settings

/// **A failed upgrade changes nothing.** The old generation serves on as if nothing had been asked.
extension World {
    func checkEnded(_ report: HandoverReport, _ service: Service) {
        guard settings.overlap, case .failed = report.outcome else { return }
        if flipped.contains(report.to) {
            violate(.promise4, "generation \(report.to) failed and had got new flows")
        }
        // Where nothing else is under way: a restart has the old one make room, say.
        guard case .running = service.machine.service, service.machine.handovers.isEmpty
        else { return }
        if let old = service.machine.generation(report.from), old.phase != .current,
            service.machine.steering?.generation == report.from
        {
            // A restart has it make room on purpose: the same command comes back on its bank.
            if case .holdingBank = old.state { return }
            violate(.promise4, "generation \(report.from) is \(old.phase) after a failed upgrade")
        }
    }
}
