import Kernel
import SteeringABI
import SystemPackage

/// Steering by the eBPF program.
final class ProgramMachine: SteeringMachine {
    let kindDescription: String
    let remembersFlows: Bool
    private let loaded: LoadedProgram
    private let variant: ProgramVariant
    let state: ProgramState
    let table: FlowTable?
    let ticks: Ticks
    private var placements = Placements()
    /// Slots with a socket, whether flows may be pinned to them or not.
    private var placed: Set<Int> = []
    private var choice = 0
    private(set) var sweeps: UInt16 = 0
    /// The region is unknown when it was another supervisor's walk.
    private var lastWalk: (region: TableRegion?, time: Duration)?

    init(
        _ loaded: consuming LoadedProgram, variant: ProgramVariant, setup: SteeringSetup
    ) throws(KernelError) {
        let shape = TableShape(maxFlows: setup.maxFlows)
        ticks = Ticks(
            idleTimeout: setup.idleTimeout,
            clockStep: variant.coarseClock ? MonotonicClock.coarseStep : .zero)
        state = try ProgramState(of: loaded.state)
        remembersFlows = setup.mode == .flow
        table = remembersFlows ? try FlowTable(of: loaded.flows, shape: shape) : nil
        var random = SystemRandomNumberGenerator()
        state.prepare(key: (random.next(), random.next()), shape: shape, ticks: ticks)
        let parts = [
            "eBPF", remembersFlows ? "\(setup.maxFlows) flows in \(shape.bytes >> 10) KiB" : "",
            variant.remark,
        ]
        kindDescription = parts.filter { !$0.isEmpty }.joined(separator: ", ")
        self.loaded = loaded
        self.variant = variant
    }

    /// Goes on where another supervisor's machine ended, at whatever instruction that was.
    init(
        resuming loaded: consuming LoadedProgram, variant: ProgramVariant, memo: SteeringMemo
    ) throws(SteeringError) {
        let setup = memo.setup
        let shape = TableShape(maxFlows: setup.maxFlows)
        do throws(KernelError) {
            state = try ProgramState(of: loaded.state)
            remembersFlows = setup.mode == .flow
            table = remembersFlows ? try FlowTable(of: loaded.flows, shape: shape) : nil
            placed = try loaded.placedSlots(of: setup.slotCapacity)
        } catch {
            throw SteeringError(error)
        }
        try state.check(shape)
        placements = Placements(open: try state.openPlacements(slots: setup.slotCapacity))
        ticks = state.ticks
        choice = state.currentChoice
        // A walk may have ended this very moment, and copied flows that a program did not see.
        lastWalk = (nil, MonotonicClock.now())
        kindDescription = memo.kindDescription
        self.loaded = loaded
        self.variant = variant
    }

    func attach<Socket: DescriptorHolder & ~Copyable>(
        to socket: borrowing Socket
    ) throws(SteeringError) {
        do throws(KernelError) {
            try GroupMember(sharing: socket).attachSteering(program: loaded.program)
        } catch {
            throw SteeringError(error)
        }
    }

    func reattach<Socket: DescriptorHolder & ~Copyable>(
        to socket: borrowing Socket
    ) throws(SteeringError) -> GroupMembership {
        do throws(KernelError) {
            try GroupMember(sharing: socket).attachSteering(program: loaded.program)
            return .member
        } catch {
            guard let found = GroupMembership(error) else { throw SteeringError(error) }
            return found
        }
    }

    func replace<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError) {
        do throws(KernelError) {
            try loaded.place(socket, at: slot)
        } catch {
            throw SteeringError(error)
        }
        placed.insert(slot)
        if placements.number(at: slot) == nil { try open(slot) }
    }

    /// The kernel has taken it out of the map as well.
    func lostMember(_ slot: Int) {}

    func place<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError) {
        do throws(KernelError) {
            let (present, cookie) = (try loaded.cookie(at: slot), try socket.socketCookie())
            // One without a placement, re-steered say, gets it when it is steered to.
            if present == cookie { return }
            if present != nil { close(slot) }
            try loaded.place(socket, at: slot)
        } catch {
            throw SteeringError(error)
        }
        placed.insert(slot)
        if placements.number(at: slot) == nil { try open(slot) }
    }

    var usedSlots: Set<Int> { placed.union(placements.open.keys) }

    func release(_ slot: Int) throws(SteeringError) {
        close(slot)
        placed.remove(slot)
        do throws(KernelError) {
            try loaded.clear(slot)
        } catch {
            // The kernel empties the slot itself when its socket closes.
            if error.errno != .noSuchFileOrDirectory { throw SteeringError(error) }
        }
    }

    func steerNewFlows(to slots: [Int]) throws(SteeringError) {
        var numbers: [Int] = []
        for slot in slots {
            precondition(placed.contains(slot), "slot \(slot) has no socket")
            if placements.number(at: slot) == nil { try open(slot) }
            if let number = placements.number(at: slot) { numbers.append(number) }
        }
        choice = (choice + 1) % Int(RELEVO_CHOICES)
        state.write(choice: choice, placements: numbers)
        state.makeCurrent(choice: choice, count: numbers.count)
    }

    func resteer(slots: [Int]) {
        slots.forEach(close)
    }

    func countFlows() -> [Int: SlotFlows] {
        guard let table else { return placements.open.mapValues { _ in SlotFlows() } }
        let (region, now) = (state.region, now())
        var tally = table.tally(buckets: region.buckets, at: now, ticks: ticks)
        if region.isMoving {
            let twice = table.tallyCopies(in: region, at: now, ticks: ticks)
            for at in tally.indices { tally[at] -= min(tally[at], twice[at]) }
        }
        return placements.open.mapValues { SlotFlows(of: $0, in: tally) }
    }

    var memo: SteeringMemo.Machine { .program(function: variant.name) }

    func withDescriptors<Failure: Error>(
        _ body: (SteeringPart, borrowing OwnedDescriptor) throws(Failure) -> Void
    ) throws(Failure) {
        try loaded.withDescriptors(body)
    }

    var statistics: ProgramStatistics? { try? ProgramStatistics(of: loaded.program) }

    func counters() -> SteeringCounters { state.counters() }

    private func open(_ slot: Int) throws(SteeringError) {
        if let number = placements.open(slot: slot) {
            return state.setSlot(slot, of: number)
        }
        sweep()
        guard let number = placements.open(slot: slot) else {
            throw SteeringError("no placement is left for slot \(slot)")
        }
        state.setSlot(slot, of: number)
    }

    /// The number of a slot's stay; one is opened where it has none.
    func placement(of slot: Int) throws(SteeringError) -> Int {
        if placements.number(at: slot) == nil { try open(slot) }
        guard let number = placements.number(at: slot) else {
            preconditionFailure("slot \(slot) has just been opened")
        }
        return number
    }

    /// nil where flows of the slot are new ones.
    func openPlacement(of slot: Int) -> Int? { placements.number(at: slot) }

    var openPlacements: [Int] { Array(placements.open.values) }

    private func close(_ slot: Int) {
        guard let number = placements.close(slot: slot) else { return }
        state.setSlot(nil, of: number)
    }

    /// By the program's own clock, so that what has ended for us has ended for it.
    func now() -> UInt16 {
        let time = variant.coarseClock ? MonotonicClock.coarse() : MonotonicClock.now()
        return ticks.at(nanoseconds: UInt64(time.nanoseconds))
    }
}

extension ProgramMachine {
    var region: TableRegion? { table == nil ? nil : state.region }

    var sweepInterval: Duration {
        let region = state.region
        if region.isMoving { return Self.grace }
        return region.bits < 16 ? .seconds(1) : .seconds(5)
    }

    /// Far longer than a program runs: after it none is under way that began before.
    private static let grace = Duration.milliseconds(50)

    func sweep() {
        let (region, time) = (state.region, MonotonicClock.now())
        // A closed placement in the current choice must not become another slot's.
        let stale = placements.stale.filter { [chosen = state.currentPlacements] in
            !chosen.contains($0)
        }
        defer { placements.swept(stale) }
        guard let table else { return }
        sweeps &+= 1
        var isOpen = [Bool](repeating: false, count: Int(RELEVO_PLACEMENTS))
        for number in placements.open.values { isOpen[number] = true }
        let rested = lastWalk.map { time - $0.time >= Self.grace } ?? true
        var walk = TableSweep(
            of: table, region: region, now: now(), ticks: ticks, number: sweeps, isOpen: isOpen,
            mayMove: rested)
        walk.run()
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
