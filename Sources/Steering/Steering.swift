package import Kernel

/// The steering of one listener's reuseport group; used by one thread.
///
/// Order: `attach` to the group's first socket before the second one binds; bind; `place` each
/// bound socket; `steerNewFlows(to:)`. Slots are placed in bind order and released last first,
/// since the classic machine knows a socket by its place in the group alone. Each operation may be
/// done again when it is not known to have been done.
package final class Steering {
    package private(set) var setup: SteeringSetup
    let machine: any SteeringMachine

    /// Loads the best machine that this kernel and these privileges allow.
    ///
    /// - Parameter tables: of the service's listeners; one alone has its own.
    /// - Throws: what is missing and what to do, when the mode cannot be had at all.
    package init(
        _ setup: SteeringSetup, tables: SteeringTables = SteeringTables()
    ) throws(SteeringError) {
        self.setup = setup
        machine = try ChooseMachine.machine(for: setup, tables)
    }

    init(_ setup: SteeringSetup, machine: any SteeringMachine) {
        self.setup = setup
        self.machine = machine
    }

    /// Which machine steers and why it was chosen, for people to read.
    package var kindDescription: String { machine.kindDescription }

    /// Whether flows stay with their slot over a flip.
    package var remembersFlows: Bool { machine.remembersFlows }

    /// The time until `tend()` should be called next; shorter while the table grows or shrinks.
    package var sweepInterval: Duration {
        min(machine.sweepInterval, max(.milliseconds(50), setup.idleTimeout / 4))
    }

    /// Makes the group of `socket` steered; it must have SO_REUSEPORT, and may be unbound yet.
    package func attach(
        to socket: borrowing some DescriptorHolder & ~Copyable
    ) throws(SteeringError) {
        try machine.attach(to: socket)
    }

    /// Gives a bound socket of the group a slot; nothing goes there until it is steered to.
    ///
    /// Placing the one that is there already changes nothing, and flows pinned to a slot that had
    /// lost its socket wait for the new one; one that takes another's place has none of its flows.
    package func place(
        _ socket: borrowing some DescriptorHolder & ~Copyable, at slot: Int
    ) throws(SteeringError) {
        precondition(0..<setup.slotCapacity ~= slot, "slot \(slot) is out of range")
        machine.forgetCount()
        try machine.place(socket, at: slot)
    }

    /// Takes the socket out of its slot; flows still pinned to it count as new from here on.
    package func release(_ slot: Int) throws(SteeringError) {
        machine.forgetCount()
        try machine.release(slot)
    }

    /// What the worker of a placed slot makes ids with that lead there. nil where the steering heeds none.
    package func seal(of slot: Int) -> SlotSeal? { machine.seal(of: slot) }

    /// Has ids that begin with a server's id, behind their first byte, lead to a placed slot as long as its stay
    /// lasts. Nothing where the setup has no length for it, or another one.
    package func setServer(_ id: [UInt8], of slot: Int) { machine.setServer(id, of: slot) }

    /// Gives all slots back: what the listener has of a table is free for others.
    package func end() {
        for slot in machine.usedSlots.sorted(by: >) { try? release(slot) }
    }

    /// The flip: new flows go to these slots, and to no other, from here on.
    ///
    /// One store for the eBPF machine, one setsockopt for the classic one.
    ///
    /// - Parameter canary: where those of a share of the clients go instead. Between the two stores that a
    ///   change of both takes, each new flow goes to one of the places named before or now.
    package func steerNewFlows(
        to slots: [Int], canary: SteeringCanary? = nil
    ) throws(SteeringError) {
        precondition(!slots.isEmpty, "new flows must go somewhere")
        machine.forgetCount()
        try machine.steerNewFlows(to: slots, canary: canary)
    }

    /// Where a share of the new flows goes, as the kernel sees it now. nil where there is no canary.
    package var steeredShare: SteeredShare? { machine.steeredShare }

    /// The slots that new flows go to. They are read from the program's own memory. nil where none was chosen.
    package var chosenSlots: Set<Int>? { machine.chosen }

    /// Flows pinned to these slots count as new from here on; one store a slot.
    package func resteer(slots: [Int]) throws(SteeringError) {
        machine.forgetCount()
        try machine.resteer(slots: slots)
    }

    /// The live flows of each placed slot; a slot without one is there too.
    package func countFlows() -> [Int: SlotFlows] { machine.countFlows(recent: false) }

    /// The live flows of each placed slot a moment ago, but never before the last flip.
    package func recentFlows() -> [Int: SlotFlows] { machine.countFlows(recent: true) }

    /// What was done with the datagrams so far.
    package func counters() -> SteeringCounters { machine.counters() }

    /// Datagrams that went to slots that were not where the newest flows go: not in a canary's choice, or not in the
    /// current one where there is no canary. nil where the program is of a supervisor that did not count them.
    package var otherDatagrams: UInt64? { machine.otherDatagrams }

    /// What would be done with a datagram, as things are now, and why. It changes nothing.
    package func explain(_ datagram: ExplainedDatagram) -> Decision {
        machine.explain(datagram, setup)
    }

    /// What the kernel counted of the program, while `ProgramStatistics.enable()` is in force.
    package var statistics: ProgramStatistics? { machine.statistics }

    /// Forgets flows that have ended, and goes on with a growth of the table; a few milliseconds.
    package func sweep() { machine.sweep() }

    /// Sweeps when that is due, and sees what was learned of ids.
    ///
    /// Call it every `sweepInterval`, and at least once a minute: the time in an entry wraps.
    package func tend() { machine.tend() }

    /// Whether no flow is being moved between the regions of the table.
    package var isSettled: Bool { machine.region?.isMoving != true }

    /// Whether flows can end after that time from now on. It is the same for all that share the table.
    package func canHonour(idleTimeout: Duration) -> Bool {
        machine.canHonour(idleTimeout: idleTimeout)
    }

    /// Has flows end after another time from now on, those that are there too; asked of each that shares the table.
    ///
    /// - Parameter tables: those that it was made with.
    package func honour(idleTimeout: Duration, in tables: SteeringTables) {
        guard machine.honour(idleTimeout: idleTimeout) else { return }
        setup.idleTimeout = idleTimeout
        if let table = machine.sharedTable { tables.move(table, to: idleTimeout) }
    }

    /// The table that its flows are remembered in; nil where none are.
    package var table: SteeringTable? {
        machine.sharedTable.map {
            SteeringTable(
                id: ObjectIdentifier($0), capacity: setup.maxFlows, bytes: setup.tableShape.bytes)
        }
    }

    /// As much of the flow table's memory as lookups reach.
    package var tableBytesInUse: Int { (machine.region?.buckets ?? 0) * 64 }

    /// All live flows of the listener.
    package var liveFlows: Int { countFlows().values.reduce(0) { $0 + $1.live } }
}

/// A table of flows, the same value for all listeners that share it.
package struct SteeringTable: Hashable {
    fileprivate let id: ObjectIdentifier
    /// As many live flows fit without the loss of one.
    package let capacity: Int
    /// Memory of the kernel.
    package let bytes: Int
}
