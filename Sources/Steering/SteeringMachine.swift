import Kernel

/// What both machines of steering do: the eBPF program and the classic one.
protocol SteeringMachine: AnyObject {
    var kindDescription: String { get }
    var remembersFlows: Bool { get }
    func attach<Socket: DescriptorHolder & ~Copyable>(
        to socket: borrowing Socket
    ) throws(SteeringError)
    func place<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError)
    func reattach<Socket: DescriptorHolder & ~Copyable>(
        to socket: borrowing Socket
    ) throws(SteeringError) -> GroupMembership
    func replace<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(SteeringError)
    func lostMember(_ slot: Int) throws(SteeringError)
    func release(_ slot: Int) throws(SteeringError)
    /// Whether flows can end after that time.
    func canHonour(idleTimeout: Duration) -> Bool
    /// Has them end after it; false where that cannot be.
    func honour(idleTimeout: Duration) -> Bool
    /// What a slot's worker makes ids with; nil where no program heeds them.
    func seal(of slot: Int) -> SlotSeal?
    /// Notes the id that a slot's server has in the ids that it makes.
    func setServer(_ id: [UInt8], of slot: Int)
    func steerNewFlows(to slots: [Int], canary: SteeringCanary?) throws(SteeringError)
    var steeredShare: SteeredShare? { get }
    /// The slots that new flows go to, as the kernel sees them now. nil where none was chosen.
    var chosen: Set<Int>? { get }
    func resteer(slots: [Int]) throws(SteeringError)
    func pin(_ flow: FlowTuple, to slot: Int) throws(SteeringError) -> PinResult
    func unpin(_ flow: FlowTuple, from slot: Int) -> PinResult
    /// - Parameter recent: whether a count of a moment ago will do.
    func countFlows(recent: Bool) -> [Int: SlotFlows]
    /// What was counted a moment ago holds no more.
    func forgetCount()
    func counters() -> SteeringCounters
    /// Datagrams that went elsewhere than where the newest flows go; nil where that is not counted.
    var otherDatagrams: UInt64? { get }
    /// What would be done with a datagram, as things are now; it changes nothing.
    func explain(_ datagram: ExplainedDatagram, _ setup: SteeringSetup) -> Decision
    var statistics: ProgramStatistics? { get }
    /// Slots with a socket or a placement.
    var usedSlots: Set<Int> { get }
    var memo: SteeringMemo.Machine { get }
    func withDescriptors<Failure: Error>(
        _ body: (SteeringPart, borrowing OwnedDescriptor) throws(Failure) -> Void
    ) throws(Failure)
    func placeCopier<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket
    ) throws(SteeringError)
    func endCopies()
    func holdCopied(_ sessions: Int)
    func marks(for flow: FlowTuple) -> [CopyMark]
    var region: TableRegion? { get }
    /// nil where no flows are remembered.
    var sharedTable: SharedTable? { get }
    /// The listener's number in its table; nil where it has none.
    var tableMember: Int? { get }
    /// nil where the program tells of nobody.
    var peers: TablePeers? { get }
    /// Why it cannot be told who has flows; nil where it can.
    var untellable: String? { get }
    /// How long it takes until every flow that sends has been told of.
    var tellingInterval: Duration { get }
    func flows(seenWithin time: Duration) -> [Int: Int]
    /// Where a flow is pinned to; nil where it is not.
    func slot(of flow: FlowTuple) -> Int?
    var sweepInterval: Duration { get }
    func sweep()
    /// Does what is due: called every `sweepInterval`.
    func tend()
}
