import HandoverCore
import ServiceCore

/// **A crash of a worker loses no datagram** that its socket buffer can hold: the supervisor holds
/// the socket, and the next worker reads the queue.
///
/// What is lost in a queue is promise 1's; here is that the next worker comes, and has it for itself.
extension World {
    /// Nobody but its new worker has a socket that is lent.
    func checkLent(_ slot: SlotID, _ inode: UInt64, to id: WorkerID) {
        for pid in kernel.sockets[inode]?.processes ?? [] {
            violate(
                .promise5,
                "worker \(id) is started on slot \(slot), which process \(pid) has still")
        }
    }

    /// Once all is calm every worker of the current generation serves.
    func checkWhole(_ service: Service) {
        guard let id = service.machine.current, let current = service.machine.generation(id),
            !current.isWhole, !current.launch.isJoined,
            kernel.groups.allSatisfy(\.addressIsThere)
        else { return }
        let behaviour = Behaviour(
            version: version(current.launch), scenario.seed, scenario.habits)
        guard behaviour.takesAfter != nil else { return }
        violate(.promise5, "a worker is not back: \(describe(service))")
    }

    func describe(_ service: Service) -> String {
        service.machine.generations.map { "\($0.id) \($0.phase) \($0.workers.map(\.state))" }
            .joined(separator: ", ")
    }
}
