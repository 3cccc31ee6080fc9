import HandoverCore
import ServiceCore

/// Sessions that do not pass the slots.
extension World {
    /// When its drain begins, a server has accepted connections, connected sockets and ports of its own.
    func beginOutside(_ id: WorkerID, _ service: Service) {
        // One that was started to read what is left has nobody's session.
        guard let pid = service.workers[id]?.pid, let process = processes[pid],
            process.behaviour.hasOutside, !process.isLate
        else { return }
        processes[pid]?.outside = (0..<3).map { _ in
            (0..<random.below(3)).map { _ in time + Int64(random.below(15_000_000)) }
        }
    }

    private func outside(_ process: SimulatedProcess) -> OutsideCount {
        guard process.outside.count == 3 else { return OutsideCount() }
        let counts = process.outside.map { $0.count { $0 > time } }
        return OutsideCount(connections: counts[0], connected: counts[1], ports: counts[2])
    }

    func countOutside(_ generation: GenerationID, _ workers: [WorkerID], _ service: Service) {
        var total = OutsideCount()
        for id in workers {
            guard let process = service.workers[id]?.pid.flatMap({ processes[$0] }) else {
                continue
            }
            let count = outside(process)
            total.connections += count.connections
            total.connected += count.connected
            total.ports += count.ports
        }
        hand(.outsideCounted(generation, total))
    }

    /// A worker whose drain is over is stopped: it has no session left, its time is over, or it says so.
    func checkOutside(_ process: SimulatedProcess, _ id: WorkerID, _ service: Service) {
        guard case .running = service.machine.service, process.behaviour.isSound,
            !process.saysDrained, let deadline = drainDeadlines[id],
            deadline.map({ $0 > now }) ?? true,
            let generation = service.machine.generation(id.generation),
            case .retiring = generation.state
        else { return }
        let count = outside(process).total
        if count > keepAsked {
            violate(.promise2, "worker \(id) is stopped with \(count) sessions outside its slots")
        }
    }
}
