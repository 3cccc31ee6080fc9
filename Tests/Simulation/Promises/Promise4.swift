import HandoverCore
import ServiceCore
import Settings

/// **A failed upgrade changes nothing.** The old generation serves on as if nothing had been asked.
extension World {
    func checkEnded(_ report: HandoverReport, _ service: Service) {
        if report.isDryRun == true, flipped.contains(report.to) {
            violate(.promise4, "generation \(report.to) is a dry run and had got new flows")
        }
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

    /// As long as an upgrade may fail yet, the old generation is kept, so that it can serve on.
    func checkWatch(_ progress: Progress, _ service: Service) {
        let id = progress.generation
        switch progress.step {
        case .watching:
            watchSeen = service.machine.generation(id)?.watch.map { (id, $0.until, false) }
        case .watchEnded(let end):
            guard let watch = watchSeen, watch.generation == id else { return }
            watchSeen = nil
            let isSo =
                switch end {
                case .passed: now >= watch.until
                case .promoted: watch.isPromoted
                case .deserted(let old):
                    service.machine.generation(old)?.workers.contains { $0.hasProcess } != true
                case .failed, .brokenOff: true
                }
            if isSo { return }
            violate(.promise4, "the watch over generation \(id) ends as \(end.word) and has not")
        default: break
        }
    }

    /// It is not told to drain before that.
    func checkKept(_ id: WorkerID, _ service: Service) {
        guard let kept = service.machine.generation(id.generation)?.handover?.to,
            service.machine.watchedID == kept
        else { return }
        violate(.promise4, "worker \(id) is told to drain while generation \(kept) is watched")
    }
}
