import HandoverCore
import Kernel
import Steering

extension Supervisor {
    /// How often a retiring generation's queues are looked at: nothing tells that one got empty.
    private static let lookInterval = Duration.milliseconds(5)

    /// Says `queuesEmpty` once no slot with a live worker has anything to read.
    func watchQueues(_ generation: GenerationID) {
        stopWatchingQueues(generation)
        guard let bank = banks[generation] else { return }
        let watched = (0..<bank.workers)
            .filter { isAlive(WorkerID(generation, $0)) }
            .flatMap { bank.slots(of: $0).flatMap { $0 } }
        // A socket that cannot be looked at must not hold the handover up for ever.
        if watched.allSatisfy({ (try? $0.isEmpty()) ?? true }) {
            submit(.queuesEmpty(generation))
            return
        }
        queueWatches[generation] = loop.schedule(at: MonotonicClock.now() + Self.lookInterval) {
            [unowned self] in watchQueues(generation)
        }
    }

    func stopWatchingQueues(_ generation: GenerationID) {
        if let token = queueWatches.removeValue(forKey: generation) { loop.remove(token) }
    }

    /// Counts the live flows pinned to a generation's slots.
    func countFlows(_ generation: GenerationID) {
        guard let bank = banks[generation] else { return }
        reattachSteering()
        var count = FlowCount(confirmed: 0)
        for (index, listener) in listeners.enumerated() where listener.steering.remembersFlows {
            let found = listener.steering.recentFlows()
            for slot in bank.slots(at: index) {
                guard let slot = found[slot.number] else { continue }
                count.confirmed += slot.confirmed
                count.unconfirmed += slot.unconfirmed
                count.recentUnconfirmed += slot.recentUnconfirmed
            }
        }
        flows[generation] = count
        submit(.flowsCounted(generation, count))
    }

    /// Lets the flow tables forget what has ended, in time before their clocks wrap.
    func scheduleSweeps() {
        for listener in listeners where listener.steering.remembersFlows { scheduleSweep(listener) }
    }

    func scheduleSweep(_ listener: Listener) {
        let next = MonotonicClock.now() + listener.steering.sweepInterval
        _ = loop.schedule(at: next) { [unowned self] in
            listener.steering.sweep()
            scheduleSweep(listener)
        }
    }
}
