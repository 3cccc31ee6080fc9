import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
import Settings
import Steering
import Systemd

extension Supervisor {
    /// Goes on where a predecessor was cut short. The machine is the record's already.
    ///
    /// What was pending is brought about again, what has happened meanwhile is handed in.
    func resume(_ legacy: Legacy) {
        let record = legacy.record
        lastRecord = record
        requests.goOn(after: record.lastRequest)
        for part in record.generations {
            if !part.lastLines.isEmpty { lastLines[part.id] = LastLines(part.lastLines) }
            explanations[part.id] = part.explanation
            handoversBegan[part.id] = part.handoverBegan
        }
        let bereft = resumeBanks(legacy)
        releaseStrays()
        try? runtime.privateFolders.remove(allBut: Set(banks.keys))
        stored.resume(record.stored ?? [], from: legacy.kept)
        pending = record.effects
        waiting = [.changePolicy(Policy(settings))] + record.events + resumeWorkers(legacy)
        resumeCallInHand(legacy.kept)
        if legacy.keeperIsNew { keepEverything(in: keeper) }
        useStore(holding: legacy.storedNames)
        // Before a name can become another's.
        for name in legacy.kept.names { vault.forget(name) }
        for id in bereft { workers[id]?.kill() }
        // Where that is pending it comes after what must come before.
        for id in machine.generations.filter(\.waitsForQueues).map(\.id)
        where !pending.contains(.watchQueues(id)) {
            watchQueues(id)
        }
        if let serving = machine.steering?.generation, !bereft.isEmpty {
            log.warning("sockets were missing: new flows of generation \(serving) are steered anew")
            refreshSteering()
        }
        if machine.steering != nil { manager.sayReady() }
        turn()
        log.notice("took over \(workers.count) workers, \(generationsText)")
        followSettings(from: legacy.settings)
    }

    private var generationsText: String {
        guard let current = machine.current else { return "no generation is current" }
        return "generation \(current) is current"
    }

    /// - Returns: the workers that read a socket which nobody has any more.
    private func resumeBanks(_ legacy: Legacy) -> Set<WorkerID> {
        var bereft: Set<WorkerID> = []
        for part in legacy.record.banks {
            var slots: [[[Slot]]] = []
            for (index, byListener) in part.slots.enumerated() {
                let id = WorkerID(part.generation, index)
                slots.append([])
                for (listener, parts) in zip(listeners, byListener) {
                    slots[index].append(
                        parts.compactMap { part in
                            if let slot = listener.slots[part.number], slot.inode == part.inode {
                                slot.resumeUse(part)
                                return slot
                            }
                            if let slot = recover(part, at: listener, id, legacy) { return slot }
                            bereft.insert(id)
                            return substitute(for: part, at: listener, id)
                        })
                }
            }
            banks[part.generation] = Bank(slots: slots)
        }
        return bereft
    }

    /// A socket that was not kept, from the worker that has it (needs the right to trace it).
    private func recover(
        _ part: Record.SlotPart, at listener: Listener, _ id: WorkerID, _ legacy: Legacy
    ) -> Slot? {
        guard let process = legacy.workers.first(where: { $0.id == id })?.process else {
            return nil
        }
        let folder = "/proc/\(process.pid)/fd"
        for name in (try? listFolder(folder)) ?? [] {
            guard let number = Int32(name),
                (try? readLink("\(folder)/\(name)")) == "socket:[\(part.inode)]",
                let socket = try? process.handle.descriptor(at: number),
                let slot = try? Slot(
                    part.number, adopting: socket, isStream: listener.settings.isStream),
                slot.inode == part.inode, (try? listener.readopt(slot)) != nil
            else { continue }
            listener.keep(slot)
            slot.resumeUse(part)
            warn(
                "the socket of slot \(part.number) at \(listener.settings.address) was missing: "
                    + "taken from its worker", id)
            return slot
        }
        return nil
    }

    /// Where not even its worker can be asked, a new socket takes the place: the worker is started
    /// again on that.
    private func substitute(
        for part: Record.SlotPart, at listener: Listener, _ id: WorkerID
    ) -> Slot? {
        warn("the socket of slot \(part.number) at \(listener.settings.address) is lost", id)
        do throws(ListenerError) {
            let slot = try listener.makeSlot(part.number)
            slot.beginUse()
            return slot
        } catch {
            log.critical("it cannot be replaced: \(error)")
            return nil
        }
    }

    private func releaseStrays() {
        for (index, listener) in listeners.enumerated() {
            let used = Set(banks.values.flatMap { $0.slots(at: index) }.map(\.number))
            do throws(SteeringError) {
                try listener.releaseStrays(except: used)
            } catch {
                warn("\(listener.settings.address): a slot is not free again: \(error)")
            }
        }
    }

    /// Takes the living workers over.
    ///
    /// - Returns: what has happened to them and the predecessor did not hand in.
    private func resumeWorkers(_ legacy: Legacy) -> [Event] {
        var events: [Event] = []
        var left: [WorkerID: LeftWorker] = [:]
        for worker in legacy.workers { left[worker.id] = worker }
        for generation in machine.generations {
            for place in generation.workers where place.hasProcess {
                let id = WorkerID(generation.id, place.index)
                guard let found = left.removeValue(forKey: id) else {
                    events += missing(id, place, legacy.record.events)
                    continue
                }
                let part = legacy.record.workers.first { $0.id == id }
                events += resume(found, place, part, legacy.kept)
            }
        }
        for worker in left.values { dismiss(worker) }
        return events
    }

    /// A worker that nobody has.
    private func missing(
        _ id: WorkerID, _ place: HandoverCore.Worker, _ known: [Event]
    ) -> [Event] {
        let hasFailed = known.contains { event in
            if case .workerStartFailed(id, _) = event { true } else { false }
        }
        if hasFailed { return [] }
        guard place.isSpawning else {
            return [.workerExited(id, .lost, leavesQueue: leavesQueue(id))]
        }
        // Asked for, and nobody knows whether that was heard.
        if !pending.contains(.startWorker(id)) { pending.insert(.startWorker(id), at: 0) }
        return []
    }

    /// A worker that is as the machine knows it, or a step further.
    private func resume(
        _ found: LeftWorker, _ place: HandoverCore.Worker, _ part: Record.WorkerPart?,
        _ kept: KeptDescriptors
    ) -> [Event] {
        let id = found.id
        // What has ended is the one before; the start lets go of it.
        if found.process == nil, pending.contains(.startWorker(id)) { return [] }
        let isNews = place.isSpawning && part?.pid != found.pid
        if isNews { pending.removeAll { $0 == .startWorker(id) } }
        guard let process = found.process else {
            // Its end is told by the keeper; one that the machine has heard of already is let go.
            if place.isSpawning, !isNews { keeper.release(id.keptName) }
            return isNews ? [.workerStarted(id)] : []
        }
        let worker = Worker(
            id, adopting: process, ends(of: id, kept, isJoined: part?.isJoined ?? false),
            environment: environment(of: id) + ["MAINPID=\(process.pid)"],
            startedAt: part?.startedAt ?? MonotonicClock.now(), isJoined: part?.isJoined ?? false,
            in: loop)
        worker.isDraining = part?.isDraining ?? false
        worker.statusText = part?.statusText
        takeUp(worker)
        worker.channel?.version = part?.channelVersion
        // The predecessor may not have lived to do so.
        if isNews { vault.keep(process, as: .worker(id, .process)) }
        if let part {
            worker.readiness?.resume(
                isReady: place.isReady, speaksNotify: part.speaksNotify, saidReady: part.saidReady)
            if place.isReady {
                startWatchdog(worker)
                worker.readyCommand?.stop()
            }
        } else if place.phase == .stopping, !pending.contains(.stopWorker(id)) {
            // It was to be told as soon as it would be there.
            worker.send(place.isKilled ? SignalNumber.kill : settings.stopSignal.number)
        }
        if !found.isKeepers { watch(worker) }
        return isNews ? [.workerStarted(id)] : []
    }

    /// What it was started with.
    private func environment(of id: WorkerID) -> [String] {
        guard let launch = machine.generation(id.generation)?.launch,
            let slots = banks[id.generation]?.slots(of: id.index)
        else { return [] }
        return WorkerStart(
            id, launch, slots: slots, listeners, stored: stored.entries(of: id.index), settings,
            identity: identity,
            notifySocket: runtime.notifyPath(of: id)
        ).variables
    }

    private func ends(of id: WorkerID, _ kept: KeptDescriptors, isJoined: Bool) -> WorkerEnds {
        func shared(_ part: VaultName.WorkerPart) -> SharedDescriptor? {
            guard let descriptor = kept.take(.worker(id, part)) else { return nil }
            return SharedDescriptor(descriptor)
        }
        let notify: NotifyEndpoint?
        if let socket = kept.take(.worker(id, .notify)) {
            notify = NotifyEndpoint(adopting: socket, of: id, in: runtime)
        } else if isJoined {
            notify = nil
        } else {
            notify = try? NotifyEndpoint(for: id, in: runtime, owner: identity)
        }
        let calls = kept.take(.worker(id, .calls))
        return WorkerEnds(
            out: shared(.out), err: shared(.err), notify: notify,
            channel: shared(.channel), calls: Self.endpoint(calls))
    }

    private static func endpoint(_ calls: consuming OwnedDescriptor?) -> BindEndpoint? {
        switch consume calls {
        case .some(let calls): BindEndpoint(adopting: calls)
        case nil: nil
        }
    }

    /// A process that belongs to no place any more.
    private func dismiss(_ worker: LeftWorker) {
        log.warning("worker \(worker.id) (pid \(worker.pid)) is in no generation: KILL")
        do {
            try worker.process?.handle.signal(SignalNumber.kill)
        } catch {
            log.warning("worker \(worker.id) cannot be ended: \(error)")
        }
    }

}
