import HandoverCore
import ServiceCore
import Settings

/// **No datagram is lost by an upgrade.** No socket of a listener closes while its queue holds a
/// datagram; nothing is bound late; nobody sees an ICMP port unreachable.
extension World {
    /// No socket closes that a worker still reads.
    func checkRelease(_ slot: SlotID, _ inode: UInt64) {
        for pid in kernel.sockets[inode]?.processes ?? [] where isAlive(pid) {
            violate(.promise1, "slot \(slot) is released while process \(pid) has it")
        }
    }

    /// Nothing is lost in a queue but what a bad server leaves.
    func checkLoss(
        _ lost: Int, _ slot: SlotID, of generation: GenerationID?, _ service: Service
    ) {
        guard lost > 0 else { return }
        // At the service's end what comes between the last look and the stop signal is nobody's.
        switch service.machine.service {
        case .stopping, .ended: return
        case .idle, .running: break
        }
        // What a worker has bound itself, and the current generation has not, ends with its generation.
        if slot.listener >= scenario.settings.listeners.count,
            let target = service.machine.steering, let bank = service.banks[target.generation],
            bank.slots.allSatisfy({ $0[slot.listener].isEmpty })
        {
            return
        }
        if let generation {
            // A smaller generation takes over from one that has no worker left to read.
            if settings.overlap, service.machine.generation(generation)?.phase == .starting {
                return
            }
            // Nor does anybody read what a generation leaves that has died too often, or was told to
            // fail by its own worker.
            if deaths[generation, default: 0] >= 3 || unsound.contains(generation) { return }
            // A worker that is dead, and has none to follow it in a smaller generation.
            if let user = kernel.groups[slot.listener].users[slot.number],
                user.generation != generation, deaths[user.generation, default: 0] > 0
            {
                return
            }
        } else if !unsound.isEmpty {
            return
        }
        violate(.promise1, "\(lost) datagrams in slot \(slot)")
    }

    func checkTraffic() {
        if kernel.lostSilently > 0 {
            violate(.promise1, "\(kernel.lostSilently) datagrams went with closed sockets")
        }
        // What a worker has bound itself ends with the generations that bind it.
        for listener in scenario.settings.listeners.indices {
            guard let count = kernel.refused[listener] else { continue }
            violate(.promise1, "\(count) datagrams met no socket of listener \(listener)")
        }
    }
}
