import ChannelProtocol
import HandoverCore
import ServiceCore
import Settings

/// The servers' processes, and what the supervisor sees of them.
extension World {
    // MARK: Starting

    func spawn(_ id: WorkerID) {
        var sockets: [SlotID: UInt64] = [:]
        for slot in service?.banks.slots(of: id).flatMap({ $0 }) ?? [] {
            guard let inode = inode(slot.id) else {
                violate("sockets", "worker \(id) is started without the socket of slot \(slot.id)")
                return
            }
            if inode != slot.inode {
                violate("sockets", "slot \(slot.id) has inode \(inode), not \(slot.inode)")
            }
            sockets[slot.id] = inode
        }
        guard keeper != nil else {
            answerLater(.spawnFailed(id, reason: "the keeper is gone"))
            return
        }
        if !isCalm, random.oneIn(scenario.callsPerFault) {
            inbox.append(.spawnFailed(id, reason: "no memory"))
            return
        }
        if keeper?.children[id] != nil || keeper?.orders[id] != nil {
            violate("one process a worker", "worker \(id) is asked for while the keeper has it")
        }
        for part in KeptName.WorkerPart.allCases where part != .process {
            keep(.worker(id, part), .other)
        }
        keeper?.orders[id] = sockets
        agenda.plan(
            .keeperSpawns(id, keeper: keeper?.number ?? 0), at: now + random.time(50...3_000))
    }

    func keeperSpawns(_ id: WorkerID, _ number: Int) {
        guard keeper?.number == number, let sockets = keeper?.orders.removeValue(forKey: id) else {
            return
        }
        // A supervisor that is dead has its descriptors in the keeper's hands.
        let pid = startProcess(id, sockets)
        keeper?.children[id] = SimulatedKeeper.Child(pid: pid)
        keep(.worker(id, .process), .other)
        agenda.plan(
            .input(.workerSpawned(id, pid: pid, answersBinds: true), for: incarnation),
            at: now + random.time(10...1000))
    }

    func startProcess(_ id: WorkerID, _ sockets: [SlotID: UInt64]) -> Int32 {
        lastNumber += 1
        let pid = Int32(lastNumber)
        let version = versions[id.generation] ?? "v0"
        let behaviour = behaviours[version] ?? Behaviour()
        if !behaviour.isSound { mayLose = true }
        processes[pid] = SimulatedProcess(pid: pid, id: id, behaviour: behaviour, sockets: sockets)
        switch service?.machine.generation(id.generation)?.phase {
        case .draining, .retiring: processes[pid]?.isLate = true
        case .starting, .current, .stopped, .failed, nil: break
        }
        for inode in sockets.values { kernel.hold(inode, .process(pid)) }
        if scenario.settings.watchdog != nil {
            agenda.plan(.process(pid, .alive), at: now + .seconds(1))
        }
        note("process \(pid) is worker \(id)")
        func plan(_ action: ProcessAction, after time: Duration?) {
            guard let time else { return }
            agenda.plan(.process(pid, action), at: now + time)
        }
        plan(.take, after: behaviour.takesAfter)
        plan(.crash, after: behaviour.crashesAfter)
        plan(.hang, after: behaviour.hangsAfter)
        return pid
    }

    // MARK: What they do

    func act(_ pid: Int32, _ action: ProcessAction) {
        guard let process = processes[pid] else { return }
        let isOurs = service?.workers[process.id]?.pid == pid
        switch action {
        case .take:
            guard !process.hangs else { return }
            processes[pid]?.takes = true
            for inode in process.sockets.values { read(pid, inode) }
            if isOurs, process.behaviour.speaksNotify {
                var notification = Notification()
                notification.isReady = true
                answerLater(.notified(process.id, notification, nil, duplicates: []))
            }
            if isOurs, process.behaviour.speaksChannel {
                let hello = WorkerMessage.Hello(version: 1)
                answerLater(
                    .heard(
                        process.id, WorkerRequest(.hello(hello), id: 1), nil, duplicates: []))
                answerLater(
                    .heard(process.id, WorkerRequest(.ready(), id: 2), nil, duplicates: []),
                    within: 5_000)
                agenda.plan(.process(pid, .report), at: now + random.time(10_000...3_000_000))
            }
        case .report:
            guard isOurs, !process.hangs else { return }
            let sessions = random.below(3)
            answerLater(
                .heard(
                    process.id, WorkerRequest(.sessions(sessions)), nil, duplicates: []))
            if !isCalm {
                agenda.plan(.process(pid, .report), at: now + random.time(100_000...5_000_000))
            } else {
                answerLater(
                    .heard(process.id, WorkerRequest(.sessions(0)), nil, duplicates: []),
                    within: 10_000)
            }
        case .alive:
            guard !process.hangs else { return }
            var notification = Notification()
            notification.watchdog = .alive
            if isOurs { answerLater(.notified(process.id, notification, nil, duplicates: [])) }
            agenda.plan(.process(pid, .alive), at: now + .seconds(2))
        case .crash: if !isCalm { end(pid, .killed(signal: 11)) }
        case .hang: if !isCalm { processes[pid]?.hangs = true }
        case .end: end(pid, .exited(status: 0))
        }
    }

    /// Reads what is in a socket; each datagram is checked.
    func read(_ pid: Int32, _ inode: UInt64) {
        guard let process = processes[pid], process.takes, !process.hangs, !process.isEnding
        else { return }
        if kernel.sockets[inode]?.isShutDown == true { return }
        guard let listener = kernel.sockets[inode]?.slot.listener else { return }
        for flow in kernel.read(inode) { checkRead(flow, at: listener, by: process) }
    }

    func end(_ pid: Int32, _ exit: WorkerExit) {
        guard let process = processes.removeValue(forKey: pid) else { return }
        note("process \(pid) of worker \(process.id) ends: \(exit)")
        deaths[process.id.generation, default: 0] += 1
        if process.behaviour.shutsDown {
            for inode in process.sockets.values { kernel.shutDown(inode) }
        }
        kernel.letGoOfAll(.process(pid))
        if keeper?.children[process.id]?.pid == pid {
            keeper?.children[process.id]?.exit = exit
            agenda.plan(
                .input(.workerExited(process.id, exit), for: incarnation),
                at: now + random.time(10...1000))
        } else if watched.contains(pid) {
            agenda.plan(
                .input(.workerExited(process.id, .lost), for: incarnation),
                at: now + random.time(10...1000))
        }
    }

    func signal(_ id: WorkerID, _ signal: Int32) {
        guard let pid = service?.workers[id]?.pid, let process = processes[pid] else { return }
        switch signal {
        case 9, 6: end(pid, .killed(signal: signal))
        case 13: break
        default:
            guard process.behaviour.heedsStop || isCalm, !process.hangs else { return }
            // What it has been sent by now it has read.
            for inode in process.sockets.values { read(pid, inode) }
            processes[pid]?.isEnding = true
            agenda.plan(.process(pid, .end), at: now + process.behaviour.stopsWithin)
        }
    }

    /// A worker that speaks the channel may say that it is drained.
    func drains(_ id: WorkerID) {
        guard let pid = service?.workers[id]?.pid, let process = processes[pid],
            process.behaviour.speaksChannel, random.oneIn(2)
        else { return }
        answerLater(
            .heard(id, WorkerRequest(.drained), nil, duplicates: []), within: 2_000_000)
    }

    func watchExit(_ id: WorkerID) {
        guard let pid = service?.workers[id]?.pid else { return }
        watched.insert(pid)
        if processes[pid] == nil { answerLater(.workerExited(id, .lost)) }
    }

    func seat(_ joiner: JoinerID, _ id: WorkerID) {}

    // MARK: What is seen of them

    func look(_ id: WorkerID) {
        var sightings: [SlotID: SlotSighting] = [:]
        if let pid = service?.workers[id]?.pid, let process = processes[pid], process.takes {
            for slot in process.sockets.keys { sightings[slot] = .taken }
        }
        inbox.append(.workerSeen(id, WorkerSight(sightings: sightings)))
    }
}
