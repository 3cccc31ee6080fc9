import Kernel

/// Steering by classic BPF: no privilege, no memory, and nothing counted.
///
/// The program knows a socket by its place in the group alone: the kernel appends who binds, and puts
/// the last member into the place of one that leaves.
final class ClassicMachine: SteeringMachine {
    let kindDescription: String
    let remembersFlows = false
    private let seed: UInt32
    private var members: [Int: Member] = [:]
    /// The slots in the kernel's order: slot n is the n-th until one leaves.
    private var order: [Int]
    /// Slots whose sockets have left the group.
    private var lost: Set<Int>
    /// Where new flows go; nil where a predecessor knew it.
    private var current: [Int]?
    private var canary: SteeringCanary?

    /// A descriptor by which the group can be reached.
    private final class Member {
        let socket: GroupMember

        init(_ socket: consuming GroupMember) { self.socket = socket }
    }

    convenience init(reason: String) {
        self.init(
            seed: .random(in: .min ... .max), kindDescription: "classic BPF (\(reason))")
    }

    /// - Parameter order: the kernel's, as a predecessor knew it.
    init(seed: UInt32, kindDescription: String, order: [Int] = []) {
        self.seed = seed
        self.kindDescription = kindDescription
        self.order = order
        lost = order.isEmpty ? [] : Set(0...(order.max() ?? 0)).subtracting(order)
    }

    func attach<Socket: DescriptorHolder & ~Copyable>(
        to socket: borrowing Socket
    ) throws(SteeringError) {
        try attach(program(for: current ?? []), to: try share(socket))
    }

    func reattach<Socket: DescriptorHolder & ~Copyable>(
        to socket: borrowing Socket
    ) throws(SteeringError) -> GroupMembership {
        guard let current else { return .member }
        do throws(KernelError) {
            try GroupMember(sharing: socket).attachSteering(
                instructions: program(for: current).instructions)
            return .member
        } catch {
            guard let found = GroupMembership(error) else { throw SteeringError(error) }
            return found
        }
    }

    func place<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError) {
        members[slot] = Member(try share(socket))
        if order.contains(slot) { return }
        // Those before it have been bound, whether they are used or not.
        order += (0..<slot).filter { !lost.contains($0) && !order.contains($0) }
        order.append(slot)
        lost.remove(slot)
    }

    func replace<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError) {
        precondition(!order.contains(slot), "slot \(slot) has not left its group")
        try place(socket, at: slot)
        try steerAgain()
    }

    func lostMember(_ slot: Int) throws(SteeringError) {
        leaveOrder(slot)
        members[slot] = nil
        try steerAgain()
    }

    /// Whether the kernel finds a placed socket, which nobody reads, where its slot is looked for: tried out with a
    /// datagram to it. Unknown, and taken for true, until new flows are steered.
    func finds(
        _ slot: Int, _ socket: borrowing DatagramSocket, at address: SocketAddress
    ) throws(SteeringError) -> Bool {
        guard let current, let place = order.firstIndex(of: slot) else { return true }
        let words = (0..<4).map { _ in UInt32.random(in: .min ... .max) }
        let bytes = words.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
        }
        let program = ClassicProgram(probe: words, to: place, else: program(for: current))
        try attach(program, to: try share(socket))
        let found: Result<Bool, KernelError>
        do throws(KernelError) {
            _ = try DatagramSocket(for: address).send(bytes, to: address)
            // The loopback interface delivers before the call returns, as a rule.
            found = .success(try socket.receive(within: .milliseconds(20))?.bytes == bytes)
        } catch {
            found = .failure(error)
        }
        try steerAgain()
        do throws(KernelError) { return try found.get() } catch { throw SteeringError(error) }
    }

    func release(_ slot: Int) { members[slot] = nil }

    func seal(of slot: Int) -> SlotSeal? { nil }

    func setServer(_ id: [UInt8], of slot: Int) {}

    func steerNewFlows(to slots: [Int], canary: SteeringCanary?) throws(SteeringError) {
        for slot in slots + (canary?.slots ?? []) {
            precondition(members[slot] != nil, "slot \(slot) has no socket")
        }
        current = slots
        self.canary = canary
        try steerAgain()
    }

    var steeredShare: SteeredShare? {
        canary.map {
            SteeredShare(
                slots: Set($0.slots), millionths: $0.millionths, networks: $0.networks)
        }
    }

    var chosen: Set<Int>? { current.map(Set.init) }

    func resteer(slots: [Int]) {}

    func pin(_ flow: FlowTuple, to slot: Int) -> PinResult { .unsupported }

    func unpin(_ flow: FlowTuple, from slot: Int) -> PinResult { .unsupported }

    func countFlows(recent: Bool) -> [Int: SlotFlows] { members.mapValues { _ in SlotFlows() } }

    func forgetCount() {}

    func counters() -> SteeringCounters { SteeringCounters() }

    var otherDatagrams: UInt64? { nil }

    var usedSlots: Set<Int> { Set(members.keys) }

    func canHonour(idleTimeout: Duration) -> Bool { true }

    func honour(idleTimeout: Duration) -> Bool { true }

    var memo: SteeringMemo.Machine {
        .classic(seed: seed, order: order == Array(order.indices) ? nil : order)
    }

    func withDescriptors<Failure: Error>(
        _ body: (SteeringPart, borrowing OwnedDescriptor) throws(Failure) -> Void
    ) {}

    var statistics: ProgramStatistics? { nil }

    var region: TableRegion? { nil }

    var sharedTable: SharedTable? { nil }

    var sweepInterval: Duration { .seconds(60) }

    func sweep() {}

    func tend() {}

    private func leaveOrder(_ slot: Int) {
        guard let place = order.firstIndex(of: slot), let last = order.popLast() else { return }
        if last != slot { order[place] = last }
        lost.insert(slot)
    }

    /// Steers to the slots that are in the group, of which the kernel may have changed the order.
    private func steerAgain() throws(SteeringError) {
        guard let current, let member = current.lazy.compactMap({ self.members[$0] }).first else {
            return
        }
        try attach(program(for: current), to: member.socket)
    }

    private func program(for slots: [Int]) -> ClassicProgram {
        func places(_ slots: [Int]) -> [Int] { slots.compactMap { order.firstIndex(of: $0) } }
        let others = places(slots).isEmpty ? [0] : places(slots)
        guard let canary, !places(canary.slots).isEmpty else {
            return ClassicProgram(seed: seed, slots: others)
        }
        return ClassicProgram(
            seed: seed, slots: others, canary: canary, to: places(canary.slots))
    }

    private func attach(
        _ program: ClassicProgram, to socket: borrowing GroupMember
    ) throws(SteeringError) {
        do throws(KernelError) {
            try socket.attachSteering(instructions: program.instructions)
        } catch {
            throw SteeringError(error)
        }
    }

    private func share<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket
    ) throws(SteeringError) -> GroupMember {
        do throws(KernelError) {
            return try GroupMember(sharing: socket)
        } catch {
            throw SteeringError(error)
        }
    }
}
