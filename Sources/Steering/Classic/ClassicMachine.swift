import Kernel

/// Steering by classic BPF: no privilege, no memory, and nothing counted.
///
/// The program knows a socket by its place in bind order alone, which is its slot as long as no
/// socket but the last one is ever closed.
final class ClassicMachine: SteeringMachine {
    let kindDescription: String
    let remembersFlows = false
    private let seed: UInt32
    private var members: [Int: Member] = [:]

    /// A descriptor by which the group can be reached.
    private final class Member {
        let socket: GroupMember

        init(_ socket: consuming GroupMember) { self.socket = socket }
    }

    convenience init(reason: String) {
        self.init(
            seed: .random(in: .min ... .max), kindDescription: "classic BPF (\(reason))")
    }

    init(seed: UInt32, kindDescription: String) {
        self.seed = seed
        self.kindDescription = kindDescription
    }

    func attach<Socket: DescriptorHolder & ~Copyable>(
        to socket: borrowing Socket
    ) throws(SteeringError) {
        try attach(ClassicProgram(seed: seed, slots: [0]), to: try share(socket))
    }

    func place<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError) {
        members[slot] = Member(try share(socket))
    }

    func release(_ slot: Int) { members[slot] = nil }

    func steerNewFlows(to slots: [Int]) throws(SteeringError) {
        for slot in slots { precondition(members[slot] != nil, "slot \(slot) has no socket") }
        guard let member = slots.first.flatMap({ members[$0] }) else { return }
        try attach(ClassicProgram(seed: seed, slots: slots), to: member.socket)
    }

    func resteer(slots: [Int]) {}

    func pin(_ flow: FlowTuple, to slot: Int) -> PinResult { .unsupported }

    func unpin(_ flow: FlowTuple, from slot: Int) -> PinResult { .unsupported }

    func countFlows() -> [Int: SlotFlows] { members.mapValues { _ in SlotFlows() } }

    func counters() -> SteeringCounters { SteeringCounters() }

    var usedSlots: Set<Int> { Set(members.keys) }

    var memo: SteeringMemo.Machine { .classic(seed: seed) }

    func withDescriptors<Failure: Error>(
        _ body: (SteeringPart, borrowing OwnedDescriptor) throws(Failure) -> Void
    ) {}

    var statistics: ProgramStatistics? { nil }

    var region: TableRegion? { nil }

    var sweepInterval: Duration { .seconds(60) }

    func sweep() {}

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
