package import Kernel

extension Steering {
    /// Takes over the steering of a supervisor that is gone, with all its flows and counters; needs
    /// no privilege.
    ///
    /// What was under way may have been cut short between any two stores, and may be done again.
    /// Then `place` every slot's socket again, the classic machine has no other way to it, and
    /// `release(allBut:)` what nobody uses.
    ///
    /// - Parameter tables: of the service's listeners; those that shared one share it again.
    /// - Parameter take: gives the descriptors that were lent by `withDescriptors`.
    /// - Throws: what is missing or does not fit; nothing was changed then.
    package convenience init(
        resuming memo: SteeringMemo, tables: SteeringTables = SteeringTables(),
        _ take: (SteeringPart) -> OwnedDescriptor?
    ) throws(SteeringError) {
        guard memo.layout == SteeringMemo.layout else {
            throw SteeringError(
                "steering of layout \(memo.layout), this version knows \(SteeringMemo.layout)")
        }
        let machine: any SteeringMachine =
            switch memo.machine {
            case .classic(let seed, let order):
                ClassicMachine(
                    seed: seed, kindDescription: memo.kindDescription, order: order ?? [])
            case .program(let function):
                try ProgramMachine(resuming: memo, function: function, tables, take)
            }
        self.init(memo.setup, machine: machine)
    }

    /// What the next supervisor must know besides the descriptors.
    package var memo: SteeringMemo {
        SteeringMemo(machine: machine.memo, setup: setup, kindDescription: kindDescription)
    }

    /// Lends the descriptors by which the next supervisor can take over, one after the other; the
    /// classic machine has none.
    package func withDescriptors<Failure: Error>(
        _ body: (SteeringPart, borrowing OwnedDescriptor) throws(Failure) -> Void
    ) throws(Failure) {
        try machine.withDescriptors(body)
    }

    /// Releases every slot but these: what a predecessor placed and did not live to write down.
    package func release(allBut slots: Set<Int>) throws(SteeringError) {
        for slot in machine.usedSlots.subtracting(slots) { try release(slot) }
    }
}
