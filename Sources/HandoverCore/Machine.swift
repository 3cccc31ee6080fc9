/// The rules of handover and supervision: events and the time in, effects out, nothing else.
///
/// It holds no descriptor, clock or log, so it can be written down at any time and carried on by the
/// next supervisor: ids, deadlines and requests mean the same there.
package struct Machine: Hashable, Sendable {
    /// The limits in force; a change counts for what begins after it.
    package var policy: Policy
    /// In the order of their ids. One that is over stays to be shown until the next one begins.
    package internal(set) var generations: [Generation] = []
    package internal(set) var service: ServiceState = .idle
    /// Where `steerNewFlows` last sent new flows; nil before the first flip.
    package internal(set) var steering: SteeringTarget?
    /// The handover that ended last, failed ones included.
    package internal(set) var lastHandover: HandoverReport?
    var nextGeneration = GenerationID(1)

    package init(policy: Policy) {
        self.policy = policy
    }

    /// Takes an event in and says what is to be done about it, in order.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var turn = Turn(at: now)
        take(event, &turn)
        repeat {
            settle(&turn)
        } while runDue(&turn)
        return turn.effects
    }

    private mutating func take(_ event: Event, _ turn: inout Turn) {
        switch event {
        case .start(let launch): start(launch, &turn)
        case .join(let request, let launch): join(request, launch, &turn)
        case .upgrade(let request, let launch): upgrade(request, launch, &turn)
        case .rollback(let request): rollBack(request, &turn)
        case .restart(let request): restart(request, &turn)
        case .stop(let request, let drain): stop(request, drain: drain, &turn)
        case .changeDrainDeadline(let request, let id, let time):
            changeDrainDeadline(request, id, time, &turn)
        case .bankPrepared(let id): bankPrepared(id, &turn)
        case .bankFailed(let id, let reason): bankFailed(id, reason, &turn)
        case .workerStarted(let id): workerStarted(id, &turn)
        case .workerStartFailed(let id, let reason):
            workerDied(id, "could not be started: \(reason)", leavesQueue: false, &turn)
        case .workerReady(let id): workerReady(id, &turn)
        case .workerFailed(let id, let reason): workerFailed(id, reason, &turn)
        case .workerExited(let id, let exit, let leavesQueue):
            workerDied(id, exit.description, leavesQueue: leavesQueue, &turn)
        case .workerDrained(let id): workerHas(id, sessions: 0)
        case .workerSessions(let id, let count): workerHas(id, sessions: count)
        case .extendTimeout(let id, let time): extendTimeout(id, by: time, turn)
        case .flowsCounted(let id, let count): flowsCounted(id, count, &turn)
        case .queuesEmpty(let id): queuesEmpty(id, &turn)
        case .dropsCounted(let id, let drops): dropsCounted(id, drops)
        case .flipMeasured(let id, let time): flipMeasured(id, time)
        case .tick: break
        }
    }
}
