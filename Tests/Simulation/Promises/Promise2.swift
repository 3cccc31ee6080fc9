import HandoverCore
import ServiceCore

/// **A session stays with the process that knows it**, until it ends, goes idle, or the drain
/// deadline passes. Not one datagram of a pinned flow reaches another generation before that. This
/// holds wherever the session lives: on a listener's socket, on a connected UDP socket that the worker
/// made, on an accepted TCP connection, on a port that the worker opened for one call.
///
/// What lives outside the slots is checked where a worker is stopped (`checkOutside`).
extension World {
    /// The flows of a worker that serves stay with it.
    func checkResteer(_ slots: [SlotID], _ service: Service) {
        for slot in slots {
            guard let id = kernel.groups[slot.listener].users[slot.number],
                serves(id, service), let pid = service.workers[id]?.pid, isAlive(pid),
                processes[pid]?.isLate == false
            else { continue }
            violate(.promise2, "flows of slot \(slot) leave worker \(id), which serves")
        }
    }

    /// Whether flows are to stay with a worker.
    func serves(_ id: WorkerID, _ service: Service) -> Bool {
        guard let generation = service.machine.generation(id.generation),
            generation.workers.indices.contains(id.index)
        else { return false }
        switch generation.phase {
        case .canary, .current, .draining: return generation.workers[id.index].isReady
        case .starting, .retiring, .stopped, .failed: return false
        }
    }

    /// Seen from the other end: a flow is read by the worker that read it before, as long as that
    /// serves. What was sent before the last datagram that was read tells nothing of where the flow goes: it
    /// has waited in the queue of a worker that had died.
    func checkRead(_ datagram: SimulatedDatagram, at listener: Int, by process: SimulatedProcess) {
        let flow = datagram.flow
        let number = flow % 1000
        guard clients[number].flow == flow else { return }
        while clients[number].readers.count <= listener { clients[number].readers.append((0, 0)) }
        let (before, last) = clients[number].readers[listener]
        guard datagram.number > last else { return }
        clients[number].readers[listener] = (process.pid, datagram.number)
        // One that was started to read what was left reads what came before the flow went on.
        if process.isLate { return }
        guard before != 0, before != process.pid, let former = processes[before],
            !former.isEnding, !former.isLate, !mischief.culprits.contains(before), !former.isOrphan,
            !former.behaviour.bindsAgain,
            let id = former.id, let service = conductor?.service, serves(id, service)
        else { return }
        violate(
            .promise2,
            "flow \(flow) went from worker \(id) to \(process.id.map { "\($0)" } ?? "a joiner")")
    }
}
