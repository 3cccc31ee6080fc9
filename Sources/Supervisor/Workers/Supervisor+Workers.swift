import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
import Settings

extension Supervisor {
    /// Asks the keeper for a process on its slots; a worker that died before has left them as they
    /// are.
    func startWorker(_ id: WorkerID) {
        if takeRunning(as: id) { return }
        guard let bank = banks[id.generation],
            let launch = machine.generation(id.generation)?.launch
        else { preconditionFailure("worker \(id) has no bank") }
        if launch.isJoined { return awaitJoiner(id) }
        let slots = bank.slots(of: id.index)
        renewSlots(of: id)
        // What is left of the one before it, which had its name.
        keeper.release(id.keptName)
        forgetEnds(of: id)
        do {
            try runtime.privateFolders.prepare(settings.privatePaths, of: id.generation)
            let notify = try NotifyEndpoint(for: id, in: runtime, owner: identity)
            let start = WorkerStart(
                id, launch, slots: slots, listeners, stored: stored.entries(of: id.index), settings,
                identity: identity,
                notifySocket: notify.path)
            var out = try Pipe(nonBlockingReader: true)
            var err = try Pipe(nonBlockingReader: true)
            var channel = try UnixConnectionPair(kind: .sequencedPacket)
            let ends = WorkerEnds(
                out: SharedDescriptor(out.takeReader()), err: SharedDescriptor(err.takeReader()),
                notify: notify, channel: SharedDescriptor(channel.takeFirst().intoDescriptor()))
            // In safety before there is a process that counts on them.
            keep(ends, of: id)
            try keeper.spawn(
                id.keptName,
                try start.plan(privateBase: runtime.privateFolders.path(of: id.generation)),
                try start.descriptors(
                    out: out.takeWriter(), err: err.takeWriter(), channel: channel.takeSecond())
            ) { [unowned self] result in
                guard let starting = starting.removeValue(forKey: id) else { return }
                switch result {
                case .success(let spawned):
                    let calls = endpoint(spawned.interception, of: id)
                    started(
                        id, spawned.process,
                        StartingWorker(
                            ends: starting.ends.with(calls), environment: starting.environment,
                            signals: starting.signals))
                case .failure(let error):
                    forgetEnds(of: id)
                    submit(.workerStartFailed(id, "\(error)"))
                }
            }
            starting[id] = StartingWorker(ends: ends, environment: start.variables)
        } catch {
            forgetEnds(of: id)
            submit(.workerStartFailed(id, "\(error)"))
        }
    }

    /// Sends a signal to a worker, or to one on its way as soon as it is there.
    func signal(_ id: WorkerID, _ signal: Int32) {
        if let worker = workers[id] {
            worker.send(signal)
        } else if signal == SignalNumber.kill {
            abandonStart(of: id)
        } else {
            starting[id]?.signals.append(signal)
        }
    }

    /// Gives up a worker that the keeper has not started in all that time: who waits for its end is not
    /// to wait for that of the keeper's silence.
    private func abandonStart(of id: WorkerID) {
        guard starting.removeValue(forKey: id) != nil else { return }
        keeper.abandon(id.keptName)
        forgetEnds(of: id)
        submit(.workerStartFailed(id, "the keeper does not answer"))
    }

    /// Whether something waits in a worker's sockets, which it does not read any more.
    func leavesQueue(_ id: WorkerID) -> Bool {
        slots(of: id).contains { !((try? $0.isEmpty()) ?? true) }
    }

    private func slots(of id: WorkerID) -> [Slot] {
        banks[id.generation]?.slots(of: id.index).flatMap { $0 } ?? []
    }

    /// Whether a worker is there or on its way.
    func isAlive(_ id: WorkerID) -> Bool { workers[id] != nil || starting[id] != nil }

    /// What the worker's calls of bind(2) are answered through, where that is to be had.
    private func endpoint(
        _ interception: SpawnedWorker.Interception, of id: WorkerID
    ) -> BindEndpoint? {
        switch interception {
        case .off: return nil
        case .refused(let reason):
            warn(
                "worker \(id) runs without its bind(2) being answered "
                    + "(\(KernelError("seccomp", number: reason))): it has to take its sockets otherwise, through "
                    + "LISTEN_FDS or {fd}", id)
            return nil
        case .on(let calls):
            do throws(KernelError) {
                let endpoint = BindEndpoint(adopting: try calls.duplicateDescriptor())
                vault.keep(endpoint, as: .worker(id, .calls))
                return endpoint
            } catch {
                warn("what worker \(id) binds cannot be answered: \(error)", id)
                return nil
            }
        }
    }

    private func started(_ id: WorkerID, _ process: KeptProcess, _ starting: StartingWorker) {
        let worker = Worker(
            id, adopting: process, starting.ends,
            environment: starting.environment + ["MAINPID=\(process.pid)"],
            startedAt: MonotonicClock.now(), in: loop)
        takeUp(worker)
        vault.keep(process, as: .worker(id, .process))
        report(.workerStarted, id)
        submit(.workerStarted(id))
        for signal in starting.signals { worker.send(signal) }
    }

    /// Listens to a worker from here on, one that an earlier supervisor has started included.
    func takeUp(_ worker: Worker) {
        let id = worker.id
        workers[id] = worker
        do {
            if let notify = worker.ends.notify { try listen(to: notify, of: id) }
            if let channel = worker.ends.channel { try listen(to: channel, of: worker) }
            if let out = worker.ends.out {
                worker.outputs.append(try output(of: id, out, to: .standardOutput))
            }
            if let err = worker.ends.err {
                worker.outputs.append(try output(of: id, err, to: .standardError))
            }
        } catch {
            warn("worker \(id) cannot be listened to: \(error)", id)
        }
        if worker.isJoined { return }
        watchReadiness(of: worker, banks[id.generation]?.slots(of: id.index) ?? [])
        answerBinds(of: worker)
    }

    private func output(
        of id: WorkerID, _ reader: SharedDescriptor, to sink: OutputSink
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

    /// A worker's process has ended; it may be one of which no more is known than that.
    func workerEnded(_ id: WorkerID, _ how: WorkerExit) {
        let worker = workers.removeValue(forKey: id)
        // Closed outputs pass on the last lines, which the report of a failure shows.
        worker?.letGo()
        forgetEnds(of: id)
        for slot in slots(of: id) { slot.beginLife() }
        report(.workerExited, id, message: "\(how)", pid: worker?.pid)
        submit(.workerExited(id, how, leavesQueue: leavesQueue(id)))
        // Not before that is known for good, and not if its name has become another one's.
        if !isAlive(id) { keeper.release(id.keptName) }
    }
}
