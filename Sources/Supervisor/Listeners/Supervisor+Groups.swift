import HandoverCore
import Kernel
import Settings

extension Listener {
    /// Has what is sent to a group of hosts, by multicast or broadcast, come to these slots of some alone.
    ///
    /// The kernel gives a copy to every socket that matches, and asks no program of steering.
    func sendGroups(to current: Set<Int>, of slots: some Sequence<Slot>) {
        guard !settings.isStream, address.hearsGroups else { return }
        for slot in slots {
            guard let socket = try? slot.duplicate() else { continue }
            if current.contains(slot.number) {
                try? socket.turnToGroups()
            } else {
                _ = try? socket.turnFromGroups()
            }
        }
    }
}

extension Supervisor {
    /// Has what is sent to groups come to those workers alone that new flows go to.
    func steerGroups() {
        steerGroups { listener, _ in listener.slots.values.map { $0 } }
    }

    /// The same for a generation's slots alone.
    func steerGroups(of generation: GenerationID) {
        guard let bank = banks[generation] else { return }
        steerGroups { _, index in bank.slots(at: index) }
    }

    /// The same for a worker's slots alone.
    func steerGroups(of id: WorkerID) {
        guard let slots = banks[id.generation]?.slots(of: id.index) else { return }
        steerGroups { _, index in index < slots.count ? slots[index] : [] }
    }

    private func steerGroups(_ slots: (Listener, Int) -> [Slot]) {
        guard let target = machine.steering, let bank = banks[target.generation] else { return }
        for (index, listener) in listeners.enumerated() {
            let current = bank.steerable(workers: target.workers, at: index)
            listener.sendGroups(to: Set(current), of: slots(listener, index))
        }
    }
}
