import HandoverCore
import ServiceCore

/// **New flows go to the newest ready generation, from the flip on, and to no other.** Not to a
/// generation that is starting, draining or dead.
extension World {
    func checkSteering(
        _ generation: GenerationID, _ choices: [[Int]?], _ service: Service
    ) {
        guard let bank = service.banks[generation] else { return }
        for (listener, choice) in choices.enumerated() {
            guard let choice else { continue }
            if choice.isEmpty { violate(.promise3, "new flows go nowhere at listener \(listener)") }
            for number in choice {
                let slot = SlotID(listener: listener, number: number)
                // A duty that is done again after a crash may be out of date: the next one follows.
                let isLatest = service.machine.steering?.generation == generation
                let isOurs = bank.slots.contains { $0[listener].contains { $0.id == slot } }
                // What this one's server has not bound is served by those that drain.
                let isOthers = bank.slots.allSatisfy { $0[listener].isEmpty }
                if !isOurs, isLatest, !isOthers {
                    violate(.promise3, "slot \(slot) is not of generation \(generation)")
                }
                if isOurs, inode(slot) == nil, kernel.groups[listener].addressIsThere {
                    violate(.promise3, "slot \(slot) gets new flows and has no socket")
                }
            }
        }
        switch service.machine.generation(generation)?.phase {
        case .current, .draining, .retiring: break
        case .starting, .canary, .stopped, .failed, nil:
            if service.machine.steering?.generation == generation,
                service.machine.current != generation
            {
                violate(.promise3, "generation \(generation) is not current and gets new flows")
            }
        }
    }

    /// A share of them goes to a generation that is tried out, and to no other.
    func checkShare(
        _ canary: CanarySlots, beside generation: GenerationID, _ service: Service
    ) {
        guard let target = service.machine.steering?.canary,
            service.machine.steering?.generation == generation,
            let bank = service.banks[target.generation], canary.clients == target.clients
        else { return }
        for (listener, slots) in canary.slots.enumerated() {
            for number in slots ?? [] {
                let slot = SlotID(listener: listener, number: number)
                if !bank.slots.contains(where: { $0[listener].contains { $0.id == slot } }) {
                    violate(
                        .promise3,
                        "a share goes to slot \(slot), and \(target.generation) is tried out")
                }
            }
        }
    }

    /// Whether a slot is of the generation that is tried out.
    private func isTriedOut(_ slot: SlotID, _ service: Service) -> Bool {
        service.machine.steering?.canary.flatMap { service.banks[$0.generation] }?.slots
            .contains { $0[slot.listener].contains { $0.id == slot } } ?? false
    }

    /// A new flow comes to the generation that new flows go to.
    func checkNewFlow(_ slot: SlotID) {
        guard let service = conductor?.service, service.duties.isEmpty, time >= supervisorRunsAt,
            service.machine.steeringAnswer == .accepted, let target = service.machine.steering,
            let bank = service.banks[target.generation],
            !bank.slots.contains(where: { $0[slot.listener].contains { $0.id == slot } }),
            // What a worker of another generation has bound nobody of this one serves.
            bank.slots.contains(where: { !$0[slot.listener].isEmpty }),
            !isTriedOut(slot, service)
        else { return }
        violate(
            .promise3,
            "a new flow goes to slot \(slot), and generation "
                + "\(target.generation) is current")
    }
}
