import HandoverCore
import ServiceCore
import Settings

/// **Loss is never silent, and success is never claimed that is not so.** Kernel drops (full receive
/// buffer), evicted flows, sessions cut at the deadline and datagrams steered by fall-back are counted
/// and shown. A command that reports success has checked the result it names: the program that runs, the
/// socket that serves, the setting that took effect.
extension World {
    func checkSuccess(_ asker: Asker, _ reply: Reply, _ service: Service) {
        // Who waits for the drain's end hears of a handover that may be followed by another one.
        // Without overlap a rollback is taken while the old generation is down, to come back.
        guard case .done(let generation?, _) = reply, asker.wait == .flip, settings.overlap
        else { return }
        switch asker.wish {
        case .upgrade, .restart, .rollbackTo: break
        // One that turns a start around is answered when that is decided, not when the old one is back.
        case .rollback where service.machine.generations.contains { $0.phase == .current }: break
        case .promote, .hold, .abort, .rollback, .drain, .stop, .reexec, .status, .history,
            .changeFlow:
            return
        }
        if case .upgrade(_, _, _, _, _, _?) = asker.wish {
            if flipped.contains(generation) {
                violate(.promise7, "a dry run is done, and generation \(generation) got new flows")
            }
            return
        }
        guard case .running = service.machine.service else { return }
        guard let found = service.machine.generation(generation) else {
            return violate(
                .promise7, "\(asker.wish) is done by generation \(generation), which is gone")
        }
        if found.phase != .current {
            violate(
                .promise7, "\(asker.wish) is done, and generation \(generation) is \(found.phase)")
        }
        if case .upgrade(let command?, _, _, _, _, _) = asker.wish, found.launch.command != command
        {
            violate(.promise7, "\(asker.wish) is done, and \(found.launch.command) runs")
        }
        // The duty to steer comes before the answer; what went there before needs none.
        if !flipped.contains(generation), !goesTo(generation, service) {
            violate(.promise7, "\(asker.wish) is done, and nothing was steered to \(generation)")
        }
    }

    /// Whether new flows go to a generation and to no other.
    private func goesTo(_ generation: GenerationID, _ service: Service) -> Bool {
        kernel.groups.indices.allSatisfy { listener in
            let slots = service.banks[generation]?.slots.flatMap { $0[listener].map(\.id.number) }
            return Set(kernel.groups[listener].choice + kernel.groups[listener].canary)
                .isSubset(of: slots ?? [])
        }
    }
}
