import HandoverCore
import ServiceCore
import Settings

/// **No datagram is lost by an upgrade.** No socket of a listener closes while its queue holds a
/// datagram; nothing is bound late; nobody sees an ICMP port unreachable.
extension World {
    /// No socket closes that a worker still reads.
    ///
    /// A worker that was given up while its keeper was dying never served. If it was started all the same, it
    /// is ended as soon as the death of the keeper is heard.
    func checkRelease(_ slot: SlotID, _ inode: UInt64) {
        for pid in kernel.sockets[inode]?.processes ?? [] where isAlive(pid) {
            if let id = processes[pid]?.id, abandoned.contains(id) { continue }
            violate(.promise1, "slot \(slot) is released while process \(pid) has it")
        }
        checkSteeredAway(slot)
    }

    /// No socket closes that new flows go to, where there is another one for them.
    private func checkSteeredAway(_ slot: SlotID) {
        let group = kernel.groups[slot.listener]
        guard let service = conductor?.service, case .running = service.machine.service,
            let target = service.machine.steering, let bank = service.banks[target.generation],
            group.choice.contains(slot.number) || group.canary.contains(slot.number),
            !bank.slots.contains(where: { $0[slot.listener].contains { $0.id == slot } }),
            bank.slots.contains(where: { !$0[slot.listener].isEmpty })
        else { return }
        violate(.promise1, "slot \(slot) is released while new flows go to it")
    }

    /// Nothing is lost in a queue but what nobody is there to read; that is counted (promise 7).
    ///
    /// - Parameter generation: whose slot is given back; the next one's where that has inherited it.
    func checkLoss(
        _ lost: Int, _ slot: SlotID, of generation: GenerationID?, _ service: Service
    ) {
        // What has come to an adopted address while nobody served there was told to be lost.
        guard lost > kernel.groups[slot.listener].nobodys[slot.number] ?? 0 else { return }
        // At the service's end what comes between the last look and the stop signal is nobody's.
        switch service.machine.service {
        case .stopping, .ended: return
        case .idle, .running: break
        }
        // What a worker has bound itself, and neither the current generation nor the heir of its slots has,
        // ends with its generation.
        if slot.listener >= scenario.settings.listeners.count {
            let next = [service.machine.steering?.generation, generation].compactMap { $0 }
                .compactMap { service.banks[$0] }
            if next.contains(where: { bank in bank.slots.allSatisfy { $0[slot.listener].isEmpty } })
            {
                return
            }
        }
        guard let user = kernel.groups[slot.listener].users[slot.number],
            // Nor does anybody read what an adopted address gets whose server binds it no more.
            slot.listener < scenario.settings.listeners.count || readers[slot] == user,
            !mayLeaveQueue(user, generation, service)
        else { return }
        violate(.promise1, "\(lost) datagrams in slot \(slot) of worker \(user)")
    }

    /// Whether nobody is to blame but the worker that had the slot last.
    private func mayLeaveQueue(
        _ user: WorkerID, _ generation: GenerationID?, _ service: Service
    ) -> Bool {
        // It hangs, never reads, shuts its sockets down.
        if unsound.contains(user) { return true }
        // It was started again some times, and then given up.
        let place = service.machine.generation(user.generation)?.workers[user.index]
        if let place, place.deaths >= service.machine.policy.crashLimit { return true }
        // It has crashed so often right after its flip that the one before took over again: nobody starts it
        // once more for what is left.
        if hasCrashedOut(user.generation, service) { return true }
        if crashesOf[user.generation, default: 0] >= service.machine.policy.crashLimit,
            service.machine.current != user.generation
        {
            return true
        }
        let end = ends[user]
        // Nobody who can tell of its end ran until the wait for its queue was over. A look at the process
        // itself would mend that; everywhere else the keeper's word makes such a look needless.
        if let end, end.hiddenFor >= 9_000_000 { return true }
        guard let generation else { return false }
        let isInherited = generation != user.generation
        // It has read all by the stop signal. What came since waited for one that only another system
        // could start.
        let isRead = end?.wasAsked == true
        if isJoined(generation, service) {
            return !isRead || isInherited || end?.wasCurrent == true
        }
        guard isInherited, let next = service.machine.generation(generation) else { return false }
        // The next generation has fewer workers, so that nobody follows it: its socket cannot be another
        // worker's as well, since a server has as many as it was written for.
        let former = service.machine.generations.last { $0.id < generation }
        return user.index >= next.workers.count && (!isRead || former?.launch.isJoined == true)
    }

    /// Whether the one before has taken over again for its crashes, those that never started among them.
    private func hasCrashedOut(_ generation: GenerationID, _ service: Service) -> Bool {
        var outcomes = service.machine.handovers.filter { $0.leaving == generation }
            .map(\.outcome)
        if let last = service.machine.lastHandover, last.leaving == generation {
            outcomes.append(last.outcome)
        }
        return outcomes.contains { outcome in
            guard case .rolledBack(let reason) = outcome else { return false }
            return reason.contains(" crashed ")
        }
    }

    private func isJoined(_ generation: GenerationID, _ service: Service) -> Bool {
        // One that is over is not shown any more once the next one begins.
        service.machine.generation(generation)?.launch.isJoined
            ?? joinedGenerations.contains(generation)
    }

    /// Checked as soon as it may have happened, so that the history shows how.
    func checkClosed() {
        guard let lost = kernel.lostSilently else { return }
        violate(
            .promise1,
            "\(lost.count) datagrams went with the closed socket \(lost.inode) of slot \(lost.slot)"
        )
    }

    func checkTraffic() {
        checkClosed()
        // What a worker has bound itself ends with the generations that bind it.
        for listener in scenario.settings.listeners.indices {
            guard let count = kernel.refused[listener] else { continue }
            violate(.promise1, "\(count) datagrams met no socket of listener \(listener)")
        }
    }
}
