import ChannelProtocol
import HandoverCore
import ServiceCore
import Settings

/// Workers that somebody else starts.
extension World {
    func startJoiner(_ planned: PlannedJoiner) {
        for _ in 0..<planned.workers {
            lastNumber += 1
            let pid = Int32(lastNumber)
            var behaviour = Behaviour(
                version: planned.version, scenario.seed, scenario.habits)
            behaviour.binds = false
            behaviour.bindsAgain = false
            behaviour.leavesOrphans = false
            var process = SimulatedProcess(
                pid: pid, id: nil, behaviour: behaviour, sockets: [:])
            process.joins = planned
            processes[pid] = process
            note("process \(pid) wants to join: \(behaviour)")
            plan(.process(pid, .greet), within: 10_000)
        }
    }

    func greet(_ pid: Int32) {
        guard let process = processes[pid], process.id == nil, process.joiner == nil,
            let planned = process.joins
        else { return }
        guard conductor != nil, !isCalm else {
            return plan(.process(pid, .greet), within: 5_000_000)
        }
        lastNumber += 1
        let joiner = JoinerID(lastNumber)
        processes[pid]?.joiner = joiner
        processes[pid]?.lastRequest += 1
        handSoon(
            .joinerGreeted(
                joiner,
                .init(
                    version: 1, group: planned.group, workers: planned.workers,
                    command: "v\(planned.version)"), request: process.lastRequest + 1, pid: pid))
    }

    /// Processes that say HELLO and go.
    func flood(_ count: Int) {
        guard settings.joinPolicy != nil else { return }
        for number in 0..<count where conductor != nil {
            lastNumber += 1
            let joiner = JoinerID(lastNumber)
            let hello = WorkerMessage.Hello(
                version: 1, group: "flood\(number)", workers: 1 + number % 3, command: "flood")
            handSoon(.joinerGreeted(joiner, hello, request: 1, pid: Int32(lastNumber)))
            handLater(.joinerGone(joiner), within: 100_000)
        }
    }

    private func pid(_ joiner: JoinerID) -> Int32? {
        processes.values.first { $0.joiner == joiner }?.pid
    }

    func seat(_ joiner: JoinerID, _ id: WorkerID) {
        guard let pid = pid(joiner) else {
            // It went a moment ago.
            let pid = conductor?.service.workers[id]?.pid ?? 0
            return handLater(.workerExited(id, pid: pid, .lost), within: 500)
        }
        processes[pid]?.id = id
        processes[pid]?.joiner = nil
        joinedGenerations.insert(id.generation)
        keep(.worker(id, .channel), .other)
        keep(.worker(id, .process), .other)
        watched.insert(pid)
    }

    func welcomed(_ pid: Int32, _ id: WorkerID, _ lending: [Lent]) {
        for case .slot(let slot) in lending {
            guard let inode = inode(slot) else {
                violate(.descriptors, "worker \(id) is lent slot \(slot), which has no socket")
                continue
            }
            kernel.hold(inode, .process(pid))
            processes[pid]?.sockets[slot] = inode
            kernel.groups[slot.listener].users[slot.number] = id
        }
        guard let process = processes[pid], process.joins != nil, !process.takes else { return }
        ends[id] = nil
        if !process.behaviour.isSound { unsound.insert(id) }
        live(pid, process.behaviour)
    }

    func refuse(_ joiner: JoinerID) {
        guard let pid = pid(joiner) else { return }
        processes[pid]?.joiner = nil
        plan(.process(pid, .greet), within: 20_000_000)
    }

    /// The supervisor that seated it did not live to say so: its connection has ended.
    func unseat(_ pid: Int32) {
        guard let process = processes[pid], process.id != nil else { return }
        for inode in process.sockets.values { kernel.letGo(inode, .process(pid)) }
        processes[pid]?.id = nil
        processes[pid]?.sockets = [:]
        processes[pid]?.reads = []
        processes[pid]?.takes = false
    }
}
