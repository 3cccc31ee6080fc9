import ControlProtocol
import HandoverCore
import HistoryWire
import Kernel
import ServiceCore

extension Desk {
    /// The whole service as it stands now.
    func status(of service: Service, _ counts: [SlotID: FlowCount]) -> ServiceStatus {
        let machine = service.machine
        let now = Instant(sinceStart: MonotonicClock.sinceBoot())
        let uses = uses()
        return ServiceStatus(
            name: name, pid: Int(ProcessIdentity.processID), current: machine.current?.number,
            listeners: listeners(counts),
            generations: machine.generations.map { status(of: $0, service, counts, uses, now) },
            handover: machine.handovers.last.map { handover in
                HandoverStatus(
                    handover, machine,
                    seconds: began[handover.to].map { (now - $0).seconds } ?? 0)
            },
            lastHandover: machine.lastHandover.map { HandoverSummary(service.summary(of: $0)) },
            changedSettings: unfollowed(), tables: tables(counts), tally: tally,
            supervisor: SupervisorStatus.own(log: logPlace))
    }

    private func status(
        of generation: Generation, _ service: Service, _ counts: [SlotID: FlowCount],
        _ uses: [WorkerID: ProcessUse], _ now: Instant
    ) -> GenerationStatus {
        let flows = (service.banks[generation.id]?.all ?? []).reduce(0) { sum, slot in
            sum + (counts[slot.id].map { $0.confirmed + $0.unconfirmed } ?? 0)
        }
        return GenerationStatus(
            id: generation.id.number,
            state: ControlProtocol.GenerationState(rawValue: generation.phase.rawValue),
            command: generation.launch.command, flows: flows,
            outside: generation.outside.map { OutsideStatus($0) },
            workers: generation.workers.map { place in
                let id = WorkerID(generation.id, place.index)
                let worker = service.workers[id]
                return WorkerStatus(
                    index: place.index,
                    pid: worker?.pid.flatMap { $0 == 0 ? nil : Int($0) },
                    state: WorkerStateName(rawValue: place.phase.rawValue),
                    restarts: place.restarts, sessions: place.sessions,
                    message: worker?.statusText
                        ?? worker?.readiness?.judge.obstacle(at: now.sinceStart),
                    cpuSeconds: uses[id]?.processorTime.seconds,
                    residentBytes: uses[id]?.residentBytes)
            },
            drainSecondsLeft: generation.drainDeadline.map { max(0, ($0 - now).seconds) },
            drainSecondsLikely: service.machine.likelyDrainEnd(of: generation).map {
                max(0, ($0 - now).seconds)
            },
            origin: service.programs.origin(of: generation.id).map { OriginStatus($0) },
            program: program(generation),
            canary: generation.trial.map { CanaryStatus($0, at: now) },
            watch: generation.watch.map { WatchStatus($0, at: now) })
    }
}
