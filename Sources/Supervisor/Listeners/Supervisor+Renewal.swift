import Adoption
import HandoverCore
import Keeper
import Kernel
import Logging
import Settings

/// The supervisor looks again at what it once made right: others have its sockets too.
extension Supervisor {
    /// Has a worker's slots like fresh ones before it is lent them.
    func renewSlots(of id: WorkerID) {
        guard let bank = banks[id.generation] else { return }
        var isReplaced = false
        for (listener, slots) in zip(listeners, bank.slots(of: id.index)) {
            for slot in slots {
                slot.beginLife()
                let isHeld = slot.wasLent && holders.hold(slot.inode, besides: ownProcesses)
                isReplaced = renew(slot, at: listener, for: id, isHeld: isHeld) || isReplaced
            }
        }
        steerGroups(of: id)
        // The next supervisor knows a slot's socket by its inode.
        if isReplaced { saveRecord() }
    }

    /// Has one slot like a fresh one; says whether it has another socket now.
    ///
    /// - Parameter isHeld: whether somebody has the socket still who would go on reading it.
    func renew(
        _ slot: Slot, at listener: Listener, for id: WorkerID, isHeld: Bool = false
    ) -> Bool {
        let renewal = listener.renew(slot, isHeld: isHeld)
        for warning in renewal.warnings { warn(warning, id) }
        if renewal.isReplaced {
            let reason =
                isHeld
                ? "kept open by a process that a worker has left"
                : "shut down, connected, bound to an interface, or locked by its worker"
            log.notice(
                """
                \(listener.settings.address): slot \(slot.number) has a new socket: the one before was \
                \(reason)
                """,
                metadata: id.facts)
        }
        return renewal.isReplaced
    }

    /// Who holds sockets for workers and reads none.
    private var ownProcesses: Set<Int32> { [ProcessView.own, keeper.pid, 1] }

    /// Has every group steered by its listener's program again, and tells what was found.
    func reattachSteering() {
        for listener in listeners { reattach(listener, through: listener.slots.values) }
    }

    /// The same for a worker's slots alone.
    func reattachSteering(of id: WorkerID) {
        guard let bank = banks[id.generation] else { return }
        for (listener, slots) in zip(listeners, bank.slots(of: id.index)) {
            reattach(listener, through: slots)
        }
    }

    private func reattach(_ listener: Listener, through slots: some Sequence<Slot>) {
        for (slot, finding) in listener.reattach(through: slots) {
            warn("\(listener.settings.address): \(finding)", worker(of: slot))
        }
    }

    private func worker(of slot: Slot) -> WorkerID? {
        for (generation, bank) in banks {
            for worker in 0..<bank.workers
            where bank.slots(of: worker).contains(where: { $0.contains { $0 === slot } }) {
                return WorkerID(generation, worker)
            }
        }
        return nil
    }

    /// How often the steering is looked at: more often while something depends on which slot is whose.
    private static let looks = (busy: Duration.seconds(1), quiet: Duration.seconds(10))

    /// Looks at the steering for as long as the service runs.
    func scheduleLooks() {
        let isBusy = machine.generations.contains(where: \.isUnderWay)
        let wait = isBusy ? Self.looks.busy : Self.looks.quiet
        let next = MonotonicClock.now() + wait
        _ = loop.schedule(at: next) { [unowned self] in
            reattachSteering()
            steerGroups()
            scheduleLooks()
        }
    }
}

extension Generation {
    /// Whether it is on its way to become current, or to its end.
    fileprivate var isUnderWay: Bool {
        switch state {
        case .preparing, .starting, .reviving, .draining, .retiring, .failing, .makingRoom,
            .holdingBank:
            true
        case .current, .stopped, .failed: false
        }
    }
}
