import Kernel
import SteeringABI
import SystemPackage

/// Steering by the eBPF program: one listener's, on a table that it may share with others.
final class ProgramMachine: SteeringMachine {
    let kindDescription: String
    let remembersFlows: Bool
    let loaded: LoadedProgram
    private let variant: ProgramVariant
    let state: ProgramState
    /// Only where sessions have ids.
    let ids: IdState?
    /// Only where new flows are placed by load.
    let loads: LoadState?
    private var flowsAtLastWalk = 0
    let table: SharedTable
    /// The listener's number in the table.
    let member: Int
    /// Slots with a socket, whether flows may be pinned to them or not.
    private var placed: Set<Int> = []
    private var choice = 0
    /// How many unproved datagrams a second may go to a generation that drains.
    private let budget: Int
    var copying: Copying?
    let copierPlace: Int
    private var nextWalk = Duration.zero
    var left: LeftFlows

    init(
        _ loaded: consuming LoadedProgram, variant: ProgramVariant, setup: SteeringSetup,
        table: SharedTable
    ) throws(SteeringError) {
        do throws(KernelError) {
            state = try ProgramState(of: loaded.state)
            ids = try loaded.withIDs { (map) throws(KernelError) in try IdState(of: map) }
            loads = try loaded.withLoads { (map) throws(KernelError) in try LoadState(of: map) }
        } catch {
            throw SteeringError(error)
        }
        budget = (setup.unknownIDs ?? .guess).budget
        copierPlace = setup.slotCapacity
        left = LeftFlows(lifetime: table.ticks.leftLifetime)
        self.table = table
        member = try table.join()
        ids?.prepare(
            table.ticks, length: setup.idLength, serverLength: setup.serverIDLength)
        state.member = member
        state.noteKnowledge()
        remembersFlows = setup.mode.remembersFlows
        let bytes = setup.tableShape.bytes
        let parts = [
            "eBPF", remembersFlows ? "\(setup.maxFlows) flows in \(bytes >> 10) KiB" : "",
            variant.remark, loads == nil ? "" : "new flows by load", setup.remark ?? "",
        ]
        kindDescription = parts.filter { !$0.isEmpty }.joined(separator: ", ")
        self.loaded = loaded
        self.variant = variant
    }

    /// Goes on where another supervisor's machine ended, at whatever instruction that was.
    init(
        resuming loaded: consuming LoadedProgram, variant: ProgramVariant, memo: SteeringMemo,
        table: SharedTable
    ) throws(SteeringError) {
        let setup = memo.setup
        do throws(KernelError) {
            state = try ProgramState(of: loaded.state)
            ids = try loaded.withIDs { (map) throws(KernelError) in try IdState(of: map) }
            loads = try loaded.withLoads { (map) throws(KernelError) in try LoadState(of: map) }
            placed = try loaded.placedSlots(of: setup.slotCapacity)
        } catch {
            throw SteeringError(error)
        }
        budget = (setup.unknownIDs ?? .guess).budget
        copierPlace = setup.slotCapacity
        left = LeftFlows(lifetime: table.ticks.leftLifetime)
        self.table = table
        member = state.member
        try table.rejoin(member, slots: setup.slotCapacity, choosing: state.chosenPlacements)
        remembersFlows = setup.mode.remembersFlows
        choice = state.currentChoice
        kindDescription = memo.kindDescription
        self.loaded = loaded
        self.variant = variant
    }

    deinit { table.leave(member) }

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
            setCookie(try socket.socketCookie(), of: slot)
            try loaded.place(socket, at: slot)
        } catch {
            throw SteeringError(error)
        }
        placed.insert(slot)
        _ = try placement(of: slot)
    }

    /// The kernel has taken it out of the map as well; the slot is in use all the same.
    func lostMember(_ slot: Int) { placed.insert(slot) }

    func place<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError) {
        do throws(KernelError) {
            let (present, cookie) = (try loaded.cookie(at: slot), try socket.socketCookie())
            // A slot without a placement, such as a re-steered one, gets it when it is steered to.
            if present == cookie { return }
            if present != nil {
                close(slot)
                reviewOthers()
            }
            setCookie(cookie, of: slot)
            try loaded.place(socket, at: slot)
        } catch {
            throw SteeringError(error)
        }
        placed.insert(slot)
        _ = try placement(of: slot)
    }

    var usedSlots: Set<Int> { placed.union(table.open(of: member).keys) }

    func release(_ slot: Int) throws(SteeringError) {
        close(slot)
        reviewOthers()
        placed.remove(slot)
        do throws(KernelError) {
            try loaded.clear(slot)
        } catch {
            // The kernel empties the slot itself when its socket closes.
            if error.errno != .noSuchFileOrDirectory { throw SteeringError(error) }
        }
    }

    func steerNewFlows(to slots: [Int], canary: SteeringCanary?) throws(SteeringError) {
        if let canary {
            let isByNetwork = !canary.networks.isEmpty
            if state.knowsOfCanaries < (isByNetwork ? .networks : .shares) {
                throw SteeringError(
                    "the steering program of this service is of an older relevod, which had no canaries"
                        + "\(isByNetwork ? " by network" : ""): stop and start the service once")
            }
        }
        let numbers = try placements(of: slots)
        let theirs = try canary.map { (canary) throws(SteeringError) in
            try placements(of: canary.slots)
        }
        let row = write(numbers)
        let trial = theirs.map { write($0) }
        for number in numbers + (theirs ?? []) { ids?.setDraining(false, number) }
        // From the store on what comes may be of both; the review after it takes its time.
        let before = state.chosenPlacements
        if let ids, !before.isEmpty { copying?.begin(before.union(numbers + (theirs ?? [])), ids) }
        state.makeCurrent(choice: row, count: numbers.count)
        if let canary, let trial, let theirs {
            state.begin(canary, choice: trial, count: theirs.count)
        } else {
            state.endCanary()
        }
        table.choose(numbers + (theirs ?? []), at: member)
        reviewOthers()
        reviewSessions()
    }

    /// Has it counted what goes elsewhere than where the newest flows go, while there is anybody else.
    private func reviewOthers() {
        let newest = state.canary?.placements ?? state.currentPlacements
        if newest.isEmpty { return }
        state.countOthers(
            Set(table.open(of: member).filter { !newest.contains($0.value) }.keys))
    }

    var otherDatagrams: UInt64? { state.others }

    /// The numbers of the slots' stays.
    private func placements(of slots: [Int]) throws(SteeringError) -> [Int] {
        var numbers: [Int] = []
        for slot in slots {
            precondition(placed.contains(slot), "slot \(slot) has no socket")
            numbers.append(try placement(of: slot))
        }
        return numbers
    }

    /// Fills the choice that was not in use for longest.
    private func write(_ numbers: [Int]) -> Int {
        repeat {
            choice = (choice + 1) % Int(RELEVO_CHOICES)
        } while state.usedChoices.contains(choice)
        state.write(choice: choice, placements: numbers)
        return choice
    }

    var steeredShare: SteeredShare? {
        guard let canary = state.canary else { return nil }
        let slots = table.open(of: member).filter { canary.placements.contains($0.value) }.keys
        return SteeredShare(
            slots: Set(slots), millionths: canary.millionths, networks: canary.networks)
    }

    var chosen: Set<Int>? {
        let placements = state.currentPlacements
        if placements.isEmpty { return nil }
        return Set(table.open(of: member).filter { placements.contains($0.value) }.keys)
    }

    func resteer(slots: [Int]) {
        for slot in slots { close(slot) }
        reviewOthers()
        reviewSessions()
    }

    /// Ends a slot's stay, and what its worker's ids rest on.
    private func close(_ slot: Int) {
        table.close(seat(slot))
        ids?.setSeal(nil, of: slot)
        setServer([], of: slot)
    }

    /// Notes the cookie of a slot's socket, where the ids of its server do not tell it otherwise.
    private func setCookie(_ cookie: UInt64, of slot: Int) {
        if let ids, ids.serverLength == 0 { ids.setCookie(cookie, of: slot) }
    }

    func setServer(_ id: [UInt8], of slot: Int) {
        guard let ids, ids.serverLength > 0, id.isEmpty || id.count == ids.serverLength else {
            return
        }
        ids.setServer(id, of: slot)
        if let number = table.number(at: seat(slot)), !id.isEmpty { renewOwners([slot: number]) }
    }

    func countFlows(recent: Bool) -> [Int: SlotFlows] {
        let open = table.open(of: member)
        guard remembersFlows else { return open.mapValues { _ in SlotFlows() } }
        let tally = recent ? table.recentTally() : table.tally()
        noteLeft(open)
        return withCopied(open.mapValues { flows(of: $0, in: tally) }, open)
    }

    /// A session counts once, though its client's address has changed.
    private func flows(of placement: Int, in tally: [UInt32]) -> SlotFlows {
        guard !tally.isEmpty else { return SlotFlows() }
        let counted = SlotFlows(of: placement, in: tally)
        return counted.without(left.count(of: placement, at: MonotonicClock.now()))
    }

    private func noteLeft(_ open: [Int: Int]) {
        guard let ids else { return }
        let now = MonotonicClock.now()
        for placement in open.values { left.note(ids.left(at: placement), of: placement, at: now) }
    }

    func forgetCount() { table.forgetTally() }

    var memo: SteeringMemo.Machine { .program(function: variant.name) }

    func withDescriptors<Failure: Error>(
        _ body: (SteeringPart, borrowing OwnedDescriptor) throws(Failure) -> Void
    ) throws(Failure) {
        try loaded.withDescriptors(body)
    }

    var statistics: ProgramStatistics? { try? ProgramStatistics(of: loaded.program) }

    func counters() -> SteeringCounters {
        var counters = state.counters()
        counters.rules = ids?.rules()
        if let rules = counters.rules { counters.datagrams += rules.copied + rules.uncopied }
        return counters
    }

    var region: TableRegion? { remembersFlows ? table.state.region : nil }

    var sharedTable: SharedTable? { remembersFlows ? table : nil }

    /// The ids and the loads are looked at once a second, the table as often as it asks for.
    var sweepInterval: Duration {
        let interval = table.sweepInterval(for: self)
        return looksEachSecond ? min(.seconds(1), interval) : interval
    }

    private var looksEachSecond: Bool { ids != nil || loads != nil }

    func sweep() {
        reviewSessions()
        table.sweep(for: self)
    }

    func tend() {
        reviewSessions()
        let now = MonotonicClock.now()
        loads?.review(flows: flowsAtLastWalk, at: now)
        if looksEachSecond, now < nextWalk, !table.state.region.isMoving { return }
        table.sweep(for: self)
        if loads != nil {
            flowsAtLastWalk = countFlows(recent: true).values.reduce(0) { $0 + $1.live }
        }
        nextWalk = now + table.sweepInterval(for: self) - .milliseconds(20)
    }

    /// The number of a slot's stay; one is opened where it has none.
    func placement(of slot: Int) throws(SteeringError) -> Int {
        if let known = table.number(at: seat(slot)) { return known }
        var random = SystemRandomNumberGenerator()
        // No zero: that is none.
        ids?.setSeal((random.next() | 1, random.next()), of: slot)
        let number = try table.placement(of: seat(slot))
        ids?.forget(number)
        left.forget(number)
        return number
    }

    func seal(of slot: Int) -> SlotSeal? {
        guard variant.knowsSeals, let stay = table.number(at: seat(slot)),
            let key = ids?.seal(of: slot)
        else { return nil }
        return SlotSeal(stay: stay, key: key)
    }

    /// Puts in order what the program has learned of ids since the last time, and what it may guess.
    func reviewSessions() {
        guard let ids else { return }
        let open = table.open(of: member)
        noteLeft(open)
        let review = SessionReview(open: open, current: state.chosenPlacements, ids: ids)
        review.markDraining()
        review.putLengthsInOrder()
        let tally = review.draining.isEmpty ? [] : table.recentTally()
        review.guess(budget: budget) { flows(of: $0, in: tally).confirmed }
        copy(by: tally, review, ids)
        renewOwners(ids.serverLength > 0 ? review.named : review.owners)
    }

    /// Whether the kernel has a socket for a slot.
    func hasSocket(_ slot: Int) -> Bool { ((try? loaded.cookie(at: slot)) ?? nil) != nil }

    func seat(_ slot: Int) -> Seat { Seat(member: member, slot: slot) }
}
