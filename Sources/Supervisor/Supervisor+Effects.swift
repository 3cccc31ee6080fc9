import HandoverCore
import Kernel
import Logging
import Settings
import Systemd

extension Supervisor {
    /// Brings one fact about; failures go back to the machine as events.
    func perform(_ effect: Effect) {
        switch effect {
        case .prepareBank(let generation, let workers): prepareBank(generation, workers)
        case .inheritBank(let generation, let workers, let former):
            inheritBank(generation, workers, from: former)
        case .freeBank(let generation): freeBank(generation)
        case .startWorker(let id): startWorker(id)
        case .stopWorker(let id):
            if closePlace(id) { break }
            tellStopping(id)
            signal(id, settings.stopSignal.number)
        case .killWorker(let id):
            if closePlace(id) { break }
            log.warning("worker \(id) did not stop: KILL", metadata: id.facts)
            if let worker = workers[id], worker.isJoined {
                killJoined(worker)
            } else {
                signal(id, SignalNumber.kill)
            }
        case .steerNewFlows(let generation, let indexes):
            steerNewFlows(to: generation, workers: indexes)
            manager.sayReady()
        case .abandonWorker(let id): abandonWorker(id)
        case .resteer(let generation): resteer(generation)
        case .tellDraining(let generation): tellDraining(generation)
        case .tellResumed(let generation): tellResumed(generation)
        case .countFlows(let generation): countFlows(generation)
        case .watchQueues(let generation): watchQueues(generation)
        case .answer(let request, let answer): self.answer(request, answer)
        case .progress(let progress):
            report(progress)
            tellDeadline(progress)
        case .handoverEnded(let handover):
            report(handover)
            followSettings()
            seatWaiting()
        case .ended(let end): finish(explained(end))
        }
    }

    private func explained(_ end: ServiceEnd) -> ServiceEnd {
        switch end {
        case .stopped: return .stopped
        case .failed(let reason):
            guard let last = machine.generations.last else { return end }
            return .failed(explained(reason, of: last.id))
        }
    }
}
