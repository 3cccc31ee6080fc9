import ControlProtocol
import HandoverCore
import Kernel
import ServiceCore
import Settings
import Steering

extension Supervisor {
    /// The whole service as it stands now.
    func status() -> ServiceStatus {
        let counts = listeners.map { $0.steering.countFlows() }
        return ServiceStatus(
            name: settings.name, pid: Int(ProcessIdentity.processID),
            current: machine.current?.number,
            listeners: zip(listeners, counts).map { $0.status(flows: $1) },
            generations: machine.generations.map { status(of: $0, counts) },
            handover: machine.handovers.last.map { status(of: $0) },
            lastHandover: machine.lastHandover.map { summary(of: $0) })
    }

    private func status(
        of generation: Generation, _ counts: [[Int: SlotFlows]]
    ) -> GenerationStatus {
        var flows = 0
        if let bank = banks[generation.id] {
            for (index, count) in counts.enumerated() {
                flows += bank.slots(at: index).reduce(0) { $0 + (count[$1.number]?.live ?? 0) }
            }
        }
        return GenerationStatus(
            id: generation.id.number,
            state: ControlProtocol.GenerationState(rawValue: generation.phase.rawValue),
            command: generation.launch.command, flows: flows,
            workers: generation.workers.map { place in
                let worker = workers[WorkerID(generation.id, place.index)]
                return WorkerStatus(
                    index: place.index, pid: worker.flatMap { $0.pid == 0 ? nil : Int($0.pid) },
                    state: ControlProtocol.WorkerState(rawValue: place.phase.rawValue),
                    restarts: place.restarts, sessions: place.sessions,
                    message: worker?.statusText
                        ?? worker?.readiness?.judge.obstacle(at: MonotonicClock.now()))
            },
            drainSecondsLeft: generation.drainDeadline.map { max(0, ($0 - Self.now).seconds) })
    }

    /// The service in one line, for `systemctl status`.
    var statusLine: String {
        let parts: [String] = machine.generations.compactMap { generation in
            let name = "generation \(generation.id)"
            switch generation.phase {
            case .starting: return "\(name) starts"
            case .current:
                let ready = generation.workers.count { $0.isReady }
                return "\(name) serves, \(ready) of \(generation.workers.count) workers ready"
            case .draining:
                let left = flows[generation.id].map { ", \($0.confirmed + $0.unconfirmed) flows" }
                return "\(name) drains\(left ?? "")"
            case .retiring: return "\(name) retires"
            case .stopped, .failed: return nil
            }
        }
        return parts.isEmpty ? "no generation runs" : parts.joined(separator: "; ")
    }

    private func status(of handover: Handover) -> HandoverStatus {
        let mover = machine.generations.first { $0.handover == handover }
        let phase: HandoverPhase =
            switch mover?.phase {
            case .starting: mover?.workers.allSatisfy(\.isReady) ?? false ? .ready : .start
            case .draining: .drain
            case .retiring, .stopped, .failed, .current, nil: .retire
            }
        return HandoverStatus(
            from: handover.from.number, to: handover.to.number, phase: phase,
            seconds: handoversBegan[handover.to].map { (Self.now - $0).seconds } ?? 0)
    }
}

extension Listener {
    fileprivate func status(flows: [Int: SlotFlows]) -> ListenerStatus {
        let counters = steering.counters()
        return ListenerStatus(
            address: "\(settings.address)", steering: steering.setup.mode.rawValue,
            counters: ListenerCounters(
                datagrams: Int(counters.datagrams), pinned: Int(counters.pinned),
                newFlows: Int(counters.newFlows), fallback: Int(counters.fallback),
                evicted: Int(counters.evicted), unrecorded: Int(counters.unrecorded), drops: drops),
            steeringReason: steeringReason,
            flows: steering.remembersFlows ? flows.values.reduce(0) { $0 + $1.live } : nil)
    }
}
