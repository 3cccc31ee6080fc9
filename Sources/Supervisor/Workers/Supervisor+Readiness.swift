import Adoption
import ControlProtocol
import HandoverCore
import Kernel
import Logging
import ServiceCore
import Settings

extension Supervisor {
    /// What holds up the workers of a generation that are not ready, for the report of its failure.
    func obstacles(of generation: GenerationID) -> [String] {
        workers.values.filter { $0.id.generation == generation }.sorted {
            $0.id.index < $1.id.index
        }
        .compactMap { worker in
            worker.readiness?.judge.obstacle(at: MonotonicClock.now())
                .map { "worker \(worker.id): \($0)" }
        }
    }

    func watchReadiness(of worker: Worker, _ slots: [[Slot]]) {
        let id = worker.id
        var judge = ReadinessJudge(rule: settings.ready, startedAt: worker.startedAt)
        judge.listeners = sightings(of: slots)
        judge.adopted = settings.adopt.map(\.text).joined(separator: ", ")
        worker.readiness = ReadinessWatch(
            judge, of: worker.pid, slots: slots, in: loop,
            hasUnheard: { [unowned worker] in worker.hasUnheard },
            ready: { [unowned self] in
                workers[id]?.readyCommand?.stop()
                acceptBlindSlots(of: id)
                if let worker = workers[id] { startWatchdog(worker) }
                // It may have attached a program of its own meanwhile.
                reattachSteering(of: id)
                report(.workerReady, id)
                submit(.workerReady(id))
                warnOfUntakenSlots(of: id)
            },
            tookMore: { [unowned self] in
                if machine.steering?.generation == id.generation { refreshSteering() }
            })
        if case .exec(let words) = settings.ready {
            worker.readyCommand = ReadyCommand(
                words, environment: worker.environment, in: loop,
                succeeded: { [unowned self] in
                    workers[id]?.readiness?.learn { $0.commandSucceeded = true }
                })
        }
    }

    /// Has a worker's slots as they are now waited for.
    func watchSlots(of id: WorkerID) {
        guard let slots = banks[id.generation]?.slots(of: id.index) else { return }
        workers[id]?.readiness?.watch(slots, sightings(of: slots))
    }

    private func sightings(of slots: [[Slot]]) -> [ReadinessJudge.ListenerSighting] {
        zip(listeners, slots).map { listener, slots in
            ReadinessJudge.ListenerSighting(
                address: "\(listener.settings.address)", taken: slots.count { $0.isTaken },
                offered: slots.count)
        }
    }

    /// A worker that cannot be looked at has its slots taken by its word alone.
    private func acceptBlindSlots(of id: WorkerID) {
        guard let judge = workers[id]?.readiness?.judge, let bank = banks[id.generation] else {
            return
        }
        for (sighting, slots) in zip(judge.listeners, bank.slots(of: id.index)) {
            guard let reason = sighting.blind, sighting.taken == 0 else { continue }
            log.notice("worker \(id): its sockets count as taken unseen: \(reason)")
            for slot in slots { slot.isTaken = true }
        }
    }

    private func warnOfUntakenSlots(of id: WorkerID) {
        guard let judge = workers[id]?.readiness?.judge else { return }
        for warning in judge.unreadSockets { warn("worker \(id) \(warning)", id) }
    }
}
