import Adoption
import HandoverCore
import Kernel
import Logging
import Settings
import Steering

extension Supervisor {
    /// The listener that a worker binds: one that is there, one moved to where the worker has it, or a
    /// new one; nil where it is none.
    func listener(
        for place: SocketPlace, _ facts: SocketFacts, of id: WorkerID
    ) throws(ListenerError) -> Listener? {
        if let exact = listeners.first(where: { $0.place == place }) { return exact }
        for listener in listeners where !listener.settings.isAdopted {
            guard let meeting = listener.place.meeting(place) else { continue }
            if meeting == listener.place { return listener }
            guard mayMove(listener) else { continue }
            try move(listener, to: meeting, facts)
            return listener
        }
        guard workers[id]?.readiness?.isReady == false, isToBeAdopted(place) else { return nil }
        return try adopt(place, facts)
    }

    /// Whether nobody has had anything of a listener yet.
    private func mayMove(_ listener: Listener) -> Bool {
        machine.steering == nil && listener.givenSlots == 0
            && banks.values.allSatisfy {
                $0.slots(at: listener.number).allSatisfy { $0.boundAt == nil && !$0.isTaken }
            }
    }

    private func move(
        _ listener: Listener, to place: SocketPlace, _ facts: SocketFacts
    ) throws(ListenerError) {
        log.notice(
            "\(listener.settings.address): the server binds \(place.address), so it listens there")
        listener.bindsFreely = facts.mayBindFreely
        let number = listener.number
        let counts = banks.mapValues { bank in
            (0..<bank.workers).map { bank.slots(of: $0)[number].count }
        }
        try listener.move(to: place)
        for (generation, counts) in counts {
            for (worker, count) in counts.enumerated() {
                banks[generation]?.replace(
                    try listener.takeSlots(count), worker: worker, at: number)
                watchSlots(of: WorkerID(generation, worker))
            }
        }
        saveRecord()
    }

    /// Other addresses at a listener's port are adopted unasked: a server that has its new generation
    /// refused one of them would not start.
    private func isToBeAdopted(_ place: SocketPlace) -> Bool {
        let transport = place.isStream ? Transport.tcp : Transport.udp
        let port = place.address.port
        return settings.adopt.contains { $0.covers(transport, port: port) }
            || settings.listeners.contains { !$0.isAdopted && $0.address.port == port }
    }

    private func adopt(
        _ place: SocketPlace, _ facts: SocketFacts
    ) throws(ListenerError) -> Listener? {
        let siblings = settings.listeners.filter { $0.address.port == place.address.port }
        let udp = siblings.first { ($0.address.transport == .tcp) == place.isStream }
        guard
            var adopted = ListenerSettings(
                adopting: place, like: udp ?? siblings.first, settings)
        else { return nil }
        adopted.freeBind = facts.mayBindFreely.free
        adopted.transparent = facts.mayBindFreely.transparent
        let listener = try Listener(
            adopted, number: listeners.count, nonBlocking: settings.nonBlocking,
            socketsPerWorker: 0, vault: vault,
            tables: listeners.first?.tables ?? SteeringTables())
        settings.listeners.append(adopted)
        listeners.append(listener)
        for generation in banks.keys { banks[generation]?.addListener() }
        for worker in workers.values { watchSlots(of: worker.id) }
        listener.keep()
        if listener.steering.remembersFlows { scheduleSweep(listener) }
        log.notice("\(adopted.address): adopted; \(listener.steeringReason)")
        return listener
    }

    /// Remembers what a worker binds that is no listener's, to tell it where that matters.
    func noteForeign(_ place: SocketPlace, of worker: Worker) {
        let text = "\(place.isStream ? "tcp" : "udp")://\(place.address)"
        guard worker.foreignBinds.count < 32, !worker.foreignBinds.contains(text) else { return }
        worker.foreignBinds.append(text)
        worker.readiness?.noteForeignBind(text)
        let rivals = workers.values.filter {
            $0.id.generation != worker.id.generation && $0.foreignBinds.contains(text)
        }
        guard let rival = rivals.first, worker.readiness?.isReady == false else { return }
        warn(
            "worker \(worker.id) binds \(text), which generation \(rival.id.generation) has as well: "
                + "if that is why it does not start, --adopt "
                + "\(place.isStream ? "tcp" : "udp"):\(place.address.port) has both served",
            worker.id)
    }
}
