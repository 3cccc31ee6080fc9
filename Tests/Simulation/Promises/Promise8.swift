import HandoverCore
import ServiceCore

/// **One bad party harms nobody else.** Whatever a worker, its orphan, a client, a joiner or a local user
/// sends, how fast and for how long: the supervisor answers `status` within 200 ms, restarts other
/// workers on time, and its memory stays bounded.
extension World {
    /// What one turn does depends on what there is, not on what was sent.
    func checkWork(_ service: Service) {
        verbsOfTurn += 1
        // Each slot and worker has a fixed number of steps in a turn.
        let most =
            200 + 40 * inputsOfTurn
            + 24 * SimulatedGroup.capacity * max(kernel.groups.count, 1)
        if verbsOfTurn > most { violate(.promise8, "\(verbsOfTurn) verbs in one turn") }
        guard verbsOfTurn % 64 == 1 else { return }
        if service.duties.count > most {
            violate(.promise8, "\(service.duties.count) duties wait")
        }
        if service.requests.count > scenario.wishes.count + scenario.blows.count
            + 40 * scenario.joiners.count + 8
        {
            violate(.promise8, "\(service.requests.count) requests wait")
        }
        if service.store.entries.count > 4096 { violate(.promise8, "too much is stored") }
    }

    /// Who says WATCHDOG=1 on time is not ended for silence.
    func checkSignal(_ signal: Int32, to process: SimulatedProcess) {
        guard signal == 6, !process.hangs, !process.hasAskedForIt, scenario.slowness == 0
        else { return }
        violate(.promise8, "process \(process.pid) speaks, and is ended by its watchdog")
    }
}
