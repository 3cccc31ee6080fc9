import Kernel
import SteeringABI

/// A flow table and its placements, shared by the listeners of a service that want the same of it.
///
/// One for all, since a table costs kernel memory for all the flows that may ever be, from the
/// start: 32 MiB for a million. A listener's number is part of what is hashed, placements are
/// numbered for all listeners, and a flood at one of them pushes out no confirmed flow of another.
final class SharedTable {
    /// nil where no flows are remembered, and the placements alone are shared.
    let flows: FlowTable?
    let state: TableState
    private(set) var ticks: Ticks
    /// Shorter limits that are to hold from then on.
    private var narrowing: (limits: Ticks, due: Duration)?
    private let coarseClock: Bool
    /// The map of flows and that of the state, for further listeners' programs.
    let maps: TableMaps
    /// nil where flows are not remembered, or the program is of a supervisor that knew of none.
    let peers: TablePeers?
    private var placements: Placements
    /// The placements in each listener's current choice.
    private var chosen: [Int: Set<Int>] = [:]
    private(set) var sweeps: UInt16 = 0
    /// The region is unknown when it was another supervisor's walk.
    private var lastWalk: (region: TableRegion?, time: Duration)?
    private var lastTally: (counts: [UInt32], goodUntil: Duration)?
    private weak var sweeper: AnyObject?

    /// Makes the table of the first listener that wants such a one.
    init(
        _ loaded: borrowing LoadedProgram, variant: ProgramVariant, setup: SteeringSetup
    ) throws(KernelError) {
        maps = TableMaps(
            flows: try loaded.flows.duplicate(), state: try loaded.table.duplicate(),
            peers: try loaded.duplicatePeers())
        let shape = setup.tableShape
        coarseClock = variant.coarseClock
        ticks = Ticks(
            idleTimeout: setup.idleTimeout,
            clockStep: coarseClock ? MonotonicClock.coarseStep : .zero,
            honoured: TableState.honoured(hasIDs: setup.mode.hasIDs))
        state = try TableState(of: loaded.table, hasAliases: setup.mode.hasIDs)
        flows =
            setup.mode.remembersFlows
            ? try FlowTable(of: loaded.flows.duplicate(), shape: shape) : nil
        placements = Placements(stays: state.stays)
        peers = try TablePeers.make(of: loaded, state)
        var random = SystemRandomNumberGenerator()
        state.prepare(key: (random.next(), random.next()), shape: shape, ticks: ticks)
    }

    /// Goes on where another supervisor ended, at whatever instruction that was.
    init(
        resuming loaded: borrowing LoadedProgram, variant: ProgramVariant, setup: SteeringSetup
    ) throws(SteeringError) {
        let shape = setup.tableShape
        do throws(KernelError) {
            maps = TableMaps(
                flows: try loaded.flows.duplicate(), state: try loaded.table.duplicate(),
                peers: try loaded.duplicatePeers())
            state = try TableState(of: loaded.table, hasAliases: setup.mode.hasIDs)
            peers = try TablePeers.make(of: loaded, state)
            flows =
                setup.mode.remembersFlows
                ? try FlowTable(of: loaded.flows.duplicate(), shape: shape) : nil
        } catch {
            throw SteeringError(error)
        }
        coarseClock = variant.coarseClock
        try state.check(shape)
        placements = Placements(open: try state.openPlacements(), stays: state.stays)
        state.alignAliases()
        ticks = state.ticks
        // A walk may have ended this very moment, and copied flows that a program did not see.
        lastWalk = (nil, MonotonicClock.now())
        // It may have been in the midst of a change.
        _ = honour(setup.idleTimeout)
    }

    /// Gives a number to a listener that comes.
    func join() throws(SteeringError) -> Int {
        let taken = Set(placements.open.keys.map(\.member)).union(chosen.keys)
        let last = state.lastMember
        let numbers = (1...Int(UInt16.max)).lazy.map { (last + $0 - 1) % Int(UInt16.max) + 1 }
        guard let number = numbers.first(where: { !taken.contains($0) }) else {
            throw SteeringError("no number is left for another listener")
        }
        state.lastMember = number
        chosen[number] = []
        return number
    }

    /// Takes a predecessor's listener back in.
    func rejoin(_ member: Int, slots: Int, choosing current: Set<Int>) throws(SteeringError) {
        let isOdd = placements.open.keys.contains { $0.member == member && $0.slot >= slots }
        guard 1...Int(UInt16.max) ~= member, chosen[member] == nil, !isOdd else {
            throw SteeringError("the steering's state is damaged: listener \(member)")
        }
        chosen[member] = current
    }

    /// The listener is not used by this supervisor any more; what the kernel has of it stays.
    func leave(_ member: Int) { chosen[member] = nil }

    /// Remembers where a listener's new flows go.
    func choose(_ placements: [Int], at member: Int) { chosen[member] = Set(placements) }

    /// nil where flows of the slot are new ones.
    func number(at seat: Seat) -> Int? { placements.number(at: seat) }

    /// The open placements of a listener, by slot.
    func open(of member: Int) -> [Int: Int] {
        var found: [Int: Int] = [:]
        for (seat, number) in placements.open where seat.member == member {
            found[seat.slot] = number
        }
        return found
    }

    /// The number of a slot's stay; one is opened where it has none.
    func placement(of seat: Seat) throws(SteeringError) -> Int {
        if let number = placements.number(at: seat) { return number }
        var opened = placements.open(seat)
        if opened == nil {
            walk()
            opened = placements.open(seat)
        }
        guard let opened else {
            throw SteeringError("no placement is left for slot \(seat.slot)")
        }
        state.open(opened, in: seat)
        return opened
    }

    /// Ends a slot's stay.
    func close(_ seat: Seat) {
        if let number = placements.close(seat) { state.close(number) }
    }

    /// By the programs' own clock, so that what has ended for us has ended for them.
    func now() -> TableTime {
        let time = coarseClock ? MonotonicClock.coarse() : MonotonicClock.now()
        return ticks.at(nanoseconds: UInt64(time.nanoseconds))
    }

    /// Whether a placement's flows are still its own.
    var isOpen: [Bool] {
        var isOpen = [Bool](repeating: false, count: Int(RELEVO_PLACEMENTS))
        for number in placements.open.values {
            isOpen[number] = true
            if state.hasAliases { isOpen[number | Int(RELEVO_ALIAS)] = true }
        }
        return isOpen
    }
}

extension SharedTable {
    /// Counts by placement the confirmed flows that were seen within so many coarse ticks.
    func tally(seenWithin ticks: UInt32) -> [UInt32] {
        guard let flows else { return [] }
        let region = state.region
        let isWhole = (try? flows.reach(region.buckets)) != nil
        return flows.tally(
            buckets: isWhole ? region.buckets : flows.mappedBuckets, at: now(), seenWithin: ticks)
    }

    /// Counts the live flows of every placement, as `SlotFlows` reads it.
    func tally() -> [UInt32] {
        guard let flows else { return [] }
        let (region, now) = (state.region, now())
        // Without the memory to look, what can be seen is counted.
        let isWhole = (try? flows.reach(region.buckets)) != nil
        let buckets = isWhole ? region.buckets : flows.mappedBuckets
        var tally = flows.tally(buckets: buckets, at: now, ticks: ticks)
        if isWhole, region.isMoving {
            let twice = flows.tallyCopies(in: region, at: now, ticks: ticks)
            for at in tally.indices { tally[at] -= min(tally[at], twice[at]) }
        }
        return tally
    }

    /// A count of a moment ago: counting a million takes milliseconds, and every listener and every
    /// generation that drains asks. So one is good for a few times as long as it took.
    func recentTally() -> [UInt32] {
        let start = MonotonicClock.now()
        if let lastTally, start < lastTally.goodUntil { return lastTally.counts }
        let counts = tally()
        let end = MonotonicClock.now()
        lastTally = (counts, end + (end - start) * 4)
        return counts
    }

    /// What was counted a moment ago holds no more.
    func forgetTally() { lastTally = nil }
}

extension SharedTable {
    /// Far longer than a program runs: after it none is under way that began before.
    private static let grace = Duration.milliseconds(50)

    /// How long a listener may wait before it sees whether it is the one that sweeps for all.
    private static let waiting = Duration.seconds(10)

    func sweepInterval(for listener: AnyObject) -> Duration {
        if let sweeper, sweeper !== listener { return Self.waiting }
        let region = state.region
        if region.isMoving { return Self.grace }
        return region.bits < 16 ? .seconds(1) : .seconds(5)
    }

    /// Walks through the table for all its listeners when the first of them asks.
    func sweep(for listener: AnyObject) {
        if let sweeper, sweeper !== listener { return }
        sweeper = listener
        walk()
    }

    /// Begins to move all flows to another region, unless a move is under way; `walk` goes on with it.
    ///
    /// For measurements alone: the next walk after its end takes the size back that suits the flows.
    func move(toBits bits: Int) {
        let region = state.region
        guard !region.isMoving, let flows, bits != region.bits,
            Int(TableShape.denseBits)...flows.shape.bits ~= bits
        else { return }
        let moving = TableRegion(bits: bits, leaving: [region.bits])
        _ = state.changeRegion(from: region, to: moving)
    }

    /// Goes by another idle time from now on.
    ///
    /// A shorter one holds once every flow that goes on has been seen since: its entry may tell a time of up to a
    /// sixty-fourth of the former idle time ago.
    ///
    /// - Returns: the limits that it comes to; nil where the table's units of time cannot tell it.
    func honour(_ idleTimeout: Duration) -> Ticks? {
        guard let limits = ticks.with(idleTimeout: idleTimeout) else { return nil }
        if narrowing?.limits == limits || (narrowing == nil && limits == ticks) { return limits }
        if limits.idle >= ticks.idle {
            narrowing = nil
            ticks = limits
        } else {
            ticks.refresh = limits.refresh
            narrowing = (limits, MonotonicClock.now() + idleTimeout)
        }
        state.setLimits(ticks)
        return limits
    }

    private func narrowIfDue(at now: Duration) {
        guard let narrowing, narrowing.due <= now else { return }
        self.narrowing = nil
        ticks = narrowing.limits
        state.setLimits(ticks)
    }

    private func walk() {
        let (region, time) = (state.region, MonotonicClock.now())
        narrowIfDue(at: time)
        // A closed placement in a current choice must not become another slot's.
        let inUse = chosen.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
        let stale = placements.stale.filter { !inUse.contains($0) }
        guard let flows else { return placements.swept(stale) }
        // Without the memory to look, what is there stays.
        guard (try? flows.reach(region.buckets)) != nil else { return }
        sweeps &+= 1
        let rested = lastWalk.map { time - $0.time >= Self.grace } ?? true
        var walk = TableSweep(
            of: flows, region: region, now: now(), ticks: ticks, number: sweeps, isOpen: isOpen,
            mayMove: rested)
        walk.run()
        placements.swept(stale)
        if rested {
            settle(after: walk, isSteady: lastWalk?.region == region)
            lastWalk = (region, time)
        }
    }

    /// Ends a move, or begins one when the number of flows asks for it.
    private func settle(after walk: TableSweep, isSteady: Bool) {
        let region = walk.region
        if region.isMoving {
            if walk.strays > 0 || !isSteady { return }
            _ = state.changeRegion(from: region, to: TableRegion(bits: region.bits))
        } else {
            let wanted = walk.table.shape.suitableBits(for: walk.live, now: region.bits)
            if wanted == region.bits { return }
            let moving = TableRegion(bits: wanted, leaving: [region.bits])
            _ = state.changeRegion(from: region, to: moving)
        }
    }
}

/// The maps by which a further listener's program shares a table.
final class TableMaps {
    let flows: OwnedDescriptor
    let state: OwnedDescriptor
    /// nil where nobody is told of.
    let peers: OwnedDescriptor?

    init(
        flows: consuming OwnedDescriptor, state: consuming OwnedDescriptor,
        peers: consuming OwnedDescriptor?
    ) {
        self.flows = flows
        self.state = state
        self.peers = peers
    }
}
