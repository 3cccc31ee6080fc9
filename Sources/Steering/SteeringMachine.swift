import Kernel

/// What both machines of steering do: the eBPF program and the classic one.
protocol SteeringMachine: AnyObject {
    var kindDescription: String { get }
    var remembersFlows: Bool { get }
    func attach(to socket: borrowing OwnedDescriptor) throws(SteeringError)
    func place(_ socket: borrowing OwnedDescriptor, at slot: Int) throws(SteeringError)
    func release(_ slot: Int) throws(SteeringError)
    func steerNewFlows(to slots: [Int]) throws(SteeringError)
    func resteer(slots: [Int]) throws(SteeringError)
    func countFlows() -> [Int: SlotFlows]
    func counters() -> SteeringCounters
    func sweep()
}
