import Adoption
import ControlProtocol
import HandoverCore
import Kernel
import Logging
import Settings

extension Supervisor {
    /// Starts a process on its slots; a worker that died before has left them as they are.
    func startWorker(_ id: WorkerID) {
        guard let bank = banks[id.generation],
            let launch = machine.generation(id.generation)?.launch
        else { preconditionFailure("worker \(id) has no bank") }
        let slots = bank.slots(of: id.index)
        for slot in slots.flatMap({ $0 }) { slot.isTaken = false }
        do {
            let notify = try makeNotifyEndpoint(for: id, owner: identity)
            let start = WorkerStart(
                id, launch, slots: slots, listeners, settings, identity: identity,
                notifySocket: notify.path)
            var out = try Pipe(nonBlockingReader: true)
            var err = try Pipe(nonBlockingReader: true)
            let process = try start.spawn(out: out.takeWriter(), err: err.takeWriter())
            let worker = try Worker(id, process, start, in: loop) { [unowned self] exit in
                workerExited(id, exit)
            }
            worker.notify = notify
            worker.outputs = [
                try output(of: id, out.takeReader(), to: .standardOutput),
                try output(of: id, err.takeReader(), to: .standardError),
            ]
            workers[id] = worker
            watchReadiness(of: worker, slots)
        } catch {
            submit(.workerStartFailed(id, "\(error)"))
            return
        }
        report(.workerStarted, id)
        submit(.workerStarted(id))
    }

    private func output(
        of id: WorkerID, _ reader: consuming OwnedDescriptor, to sink: OutputSink
    ) throws(KernelError) -> OutputPipe {
        let program = machine.generation(id.generation)?.launch.command.first ?? settings.name
        let fields = [
            Facts.service: settings.name, Facts.generation: "\(id.generation.number)",
            Facts.worker: "\(id.index)",
        ]
        return try OutputPipe(reading: reader, in: loop) { [unowned self] line in
            sink.write(
                OutputEntry(
                    ofWorker: line, mark: "[\(id)] ", program: program, fields: fields))
            lastLines[id.generation, default: LastLines()]
                .append("[\(id)] " + String(decoding: line, as: UTF8.self))
            if sink.isBehind { catchUp(sink) }
        }
    }

    private func workerExited(_ id: WorkerID, _ exit: ProcessExit) {
        guard let worker = workers.removeValue(forKey: id) else { return }
        // Closed outputs pass on the last lines, which the report of a failure shows.
        worker.letGo()
        let slots = banks[id.generation]?.slots(of: id.index).flatMap { $0 } ?? []
        for slot in slots { slot.isTaken = false }
        let leavesQueue = slots.contains { !((try? $0.isEmpty()) ?? true) }
        let how =
            switch exit {
            case .code(let status): WorkerExit.exited(status: status)
            case .signal(let signal, _): WorkerExit.killed(signal: signal)
            }
        report(.workerExited, id, message: "\(how)", pid: worker.pid)
        submit(.workerExited(id, how, leavesQueue: leavesQueue))
    }

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

    private func watchReadiness(of worker: Worker, _ slots: [[Slot]]) {
        let id = worker.id
        var judge = ReadinessJudge(rule: settings.ready, startedAt: worker.startedAt)
        judge.listeners = zip(listeners, slots).map { listener, slots in
            ReadinessJudge.ListenerSighting(
                address: "\(listener.settings.address)", offered: slots.count)
        }
        worker.readiness = ReadinessWatch(
            judge, of: worker.pid, slots: slots, in: loop,
            ready: { [unowned self] in
                workers[id]?.readyCommand?.stop()
                acceptBlindSlots(of: id)
                if let worker = workers[id] { startWatchdog(worker) }
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
        for sighting in judge.listeners
        where 0 < sighting.taken && sighting.taken < sighting.offered {
            warn(
                "worker \(id) waits on \(sighting.taken) of its \(sighting.offered) sockets of "
                    + "\(sighting.address); the others get nothing until it does", id)
        }
    }
}
