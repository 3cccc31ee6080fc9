import HandoverCore
import ServiceCore

/// The promises as code: what must hold at each step, and when all has settled.
extension World {
    /// Promise 2: the flows of a worker that serves stay with it.
    func checkResteer(_ slots: [SlotID]) {
        guard let service else { return }
        for slot in slots {
            guard let (generation, index) = owner(of: slot),
                let worker = service.machine.generation(generation)?.workers[index],
                let phase = service.machine.generation(generation)?.phase,
                phase == .current || phase == .draining, worker.isReady,
                let pid = service.workers[WorkerID(generation, index)]?.pid,
                processes[pid] != nil
            else { continue }
            violate(
                "sessions stay",
                "flows of slot \(slot) leave worker \(generation).\(index), which serves"
            )
        }
    }

    private func owner(of slot: SlotID) -> (GenerationID, Int)? {
        guard let service else { return nil }
        for generation in service.banks.generations {
            for (index, listeners) in (service.banks[generation]?.slots ?? []).enumerated()
            where listeners[slot.listener].contains(where: { $0.id == slot }) {
                return (generation, index)
            }
        }
        return nil
    }

    /// Promise 2, seen from the other end: a flow is read by the worker that read it before, as long as
    /// that serves.
    func checkRead(_ flow: Int, at listener: Int, by process: SimulatedProcess) {
        let key = SlotID(listener: listener, number: flow)
        defer { lastReader[key] = process.pid }
        guard let before = lastReader[key], before != process.pid,
            let former = processes[before], !former.isEnding, !former.isLate, let service,
            let generation = service.machine.generation(former.id.generation),
            generation.phase == .current || generation.phase == .draining,
            generation.workers[former.id.index].isReady
        else { return }
        violate(
            "sessions stay",
            "flow \(flow) went from worker \(former.id) to worker \(process.id)")
    }

    /// Promises 1 and 3: new flows go to the generation that is current, and to sockets that are read.
    func checkSteering(_ generation: GenerationID, _ choices: [[Int]?]) {
        guard let service, let bank = service.banks[generation] else { return }
        for (listener, choice) in choices.enumerated() {
            guard let choice else { continue }
            if choice.isEmpty { violate("new flows", "they go nowhere at listener \(listener)") }
            let slots = Set(bank.all.filter { $0.id.listener == listener }.map(\.id.number))
            for number in choice {
                if !slots.contains(number) {
                    violate(
                        "new flows", "slot \(listener).\(number) is not of generation \(generation)"
                    )
                }
                if inode(SlotID(listener: listener, number: number)) == nil {
                    violate("new flows", "slot \(listener).\(number) has no socket")
                }
            }
        }
        switch service.machine.generation(generation)?.phase {
        case .current, .draining, .retiring: break
        case .starting, .stopped, .failed, nil:
            // A duty that is done again after a crash may be out of date: the next one follows at once.
            if service.machine.steering?.generation == generation {
                violate("new flows", "generation \(generation) is not current")
            }
        }
    }

    /// Promise 1: no socket closes that a process still reads.
    func checkRelease(_ slot: SlotID) {
        guard let inode = inode(slot), let socket = kernel.sockets[inode] else { return }
        for holder in socket.holders {
            if case .process(let pid) = holder {
                violate("sockets", "slot \(slot) is released while process \(pid) has it")
            }
        }
    }

    /// Promise 1 and 7: nothing is lost in a queue but what a bad server leaves.
    func checkLoss(_ lost: Int, _ slot: SlotID, of generation: GenerationID? = nil) {
        // At the service's end what comes between the last look and the stop signal is nobody's.
        switch service?.machine.service {
        case .stopping, .ended: return
        case .idle, .running, nil: break
        }
        // Nor does anybody read what a generation leaves that has died too often.
        if let generation, deaths[generation, default: 0] >= 3 { return }
        if lost > 0, !mayLose { violate("no loss", "\(lost) datagrams in slot \(slot)") }
    }

    /// What must hold once nothing is killed any more and all has settled.
    func checkEnd() {
        if kernel.lostSilently > 0 {
            violate("no silent loss", "\(kernel.lostSilently) datagrams went with closed sockets")
        }
        if kernel.refused > 0 { violate("no loss", "\(kernel.refused) datagrams met no socket") }
        guard let service else {
            if !ended { violate("liveness", "no supervisor runs") }
            return
        }
        checkServing(service)
        checkAnswers()
        checkDescriptors(service)
    }

    private func checkServing(_ service: Service) {
        let text = service.machine.generations.map {
            "\($0.id) \($0.phase) \($0.workers.map(\.phase))"
        }
        switch service.machine.service {
        case .running:
            if service.machine.current == nil {
                violate("liveness", "no generation is current: \(text)")
            } else if !service.machine.handovers.isEmpty {
                violate("liveness", "a handover has not ended: \(text)")
            } else if let current = service.machine.generations.first(where: {
                $0.id == service.machine.current
            }), !current.isWhole, mayBeWhole(current.id) {
                violate("liveness", "a worker is not back: \(text)")
            }
        case .idle, .stopping: violate("liveness", "\(service.machine.service): \(text)")
        case .ended: break
        }
        if !service.duties.isEmpty { violate("duties", "\(service.duties) are not done") }
    }

    private func mayBeWhole(_ generation: GenerationID) -> Bool {
        let behaviour = behaviours[versions[generation] ?? "v0"] ?? Behaviour()
        return behaviour.takesAfter != nil
    }

    private func checkAnswers() {
        for (_, asker) in askers where asker.answers == 0 && asker.incarnation == incarnation {
            violate("answers", "\(asker.wish) was never answered")
        }
    }

    /// No owner of a descriptor is lost or doubled.
    private func checkDescriptors(_ service: Service) {
        let wanted = Set(service.banks.slotsInUse)
        for (inode, socket) in kernel.sockets where socket.holders.contains(.supervisor) {
            if !wanted.contains(socket.slot) {
                violate("descriptors", "slot \(socket.slot) (\(inode)) is open and in no use")
            }
        }
        for (name, _) in keeper?.kept ?? [:] {
            switch name {
            case .slot(let slot):
                if !wanted.contains(slot) { violate("descriptors", "\(name) is kept for nobody") }
            case .worker(let id, _):
                if service.workers[id] == nil {
                    violate("descriptors", "\(name) is kept for nobody")
                }
            case .stored(let number):
                if !service.store.entries.contains(where: { $0.number == number }) {
                    violate("descriptors", "\(name) is kept for nobody")
                }
            case .state, .callInHand, .steering: break
            }
        }
        for slot in wanted {
            guard let inode = inode(slot) else {
                violate("descriptors", "slot \(slot) has no socket")
                continue
            }
            if keeper != nil, !kernel.isHeld(inode, by: .keeper) {
                violate("descriptors", "slot \(slot) is not kept")
            }
        }
        for process in processes.values
        where service.workers[process.id]?.pid != process.pid {
            violate("processes", "process \(process.pid) of \(process.id) is nobody's")
        }
    }
}
