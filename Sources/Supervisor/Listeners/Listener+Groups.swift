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
