import ChannelProtocol
import HandoverCore
import ServiceCore
import Settings

/// The servers' processes: how they begin and end, and what is seen of them.
extension World {
    // MARK: Starting

    /// What a command leads to.
    func program(_ launch: Launch) -> Program {
        let path = launch.command.first ?? ""
        let facts = FileFacts(
            device: 1, inode: UInt64(version(launch)), size: 1, modified: UInt64(time))
        return Program(
            files: [ProgramFile(named: path, place: path, path: path, facts: facts)],
            buildID: "\(version(launch))")
    }

    /// Finds what a generation's command leads to; where that fails its workers are started all the same.
    func identify(_ id: GenerationID, _ service: Service) {
        guard let launch = service.machine.generation(id)?.launch else { return }
        var program: Program?
        if launch.program == id, !fails() {
            program = self.program(launch)
            keep(.program(id), .other)
        }
        if launch.program != id {
            hand(.programLost(id, .replaced(launch.command.first ?? "")))
        }
        hand(.identified(id, program, at: secondsOfDay))
    }

    func spawn(_ id: WorkerID, _ service: Service) {
        guard let generation = service.machine.generation(id.generation) else {
            return violate(.descriptors, "worker \(id) is started of a generation that is gone")
        }
        var sockets: [SlotID: UInt64] = [:]
        for slot in service.banks.slots(of: id).joined() {
            guard let inode = inode(slot.id) else {
                return violate(
                    .descriptors, "worker \(id) is started without the socket of slot \(slot.id)")
            }
            if inode != slot.inode {
                violate(.descriptors, "slot \(slot.id) has inode \(inode), not \(slot.inode)")
            }
            checkLent(slot.id, inode, to: id)
            kernel.groups[slot.id.listener].users[slot.id.number] = id
            sockets[slot.id] = inode
        }
        if service.programs.origin(of: id.generation)?.at == nil {
            violate(.descriptors, "worker \(id) is started before its program was looked for")
        }
        if let number = generation.launch.program, service.programs[number] != nil,
            keeper != nil, keeper?.kept[.program(number)] == nil
        {
            violate(.descriptors, "worker \(id) runs program \(number), which nobody holds")
        }
        guard keeper != nil else {
            // What is sent to one whose death nobody has heard of is not answered: the next one is asked again.
            if keeperIsMissing, random.oneIn(2) { return }
            couldNotStart(id)
            return hand(.spawnFailed(id, reason: "the keeper is gone"))
        }
        if fails() {
            couldNotStart(id)
            return hand(.spawnFailed(id, reason: "no memory"))
        }
        if keeper?.children[id] != nil || keeper?.orders[id] != nil {
            violate(.descriptors, "worker \(id) is asked for while the keeper has it")
        }
        keep(.worker(id, .channel), .other)
        let isLate =
            switch generation.phase {
            case .draining, .retiring: true
            case .starting, .canary, .current, .stopped, .failed: false
            }
        keeper?.orders[id] = SimulatedKeeper.Order(
            sockets: sockets, version: version(generation.launch), isLate: isLate)
        plan(.keeperSpawns(id, keeper: keeper?.number ?? 0), after: 50 + random.below(3_000))
    }

    /// A start that fails counts among the crashes of a generation.
    func couldNotStart(_ id: WorkerID?) {
        if let id { crashesOf[id.generation, default: 0] += 1 }
    }

    /// What a worker reads from here on is what came before its flows went elsewhere.
    func isLate(_ id: WorkerID?, _ service: Service) {
        guard let id else { return }
        keeper?.orders[id]?.isLate = true
        if let pid = keeper?.children[id]?.pid ?? service.workers[id]?.pid {
            processes[pid]?.isLate = true
        }
    }

    /// Since 1970, by a clock that anybody may set.
    var secondsOfDay: UInt64 { UInt64(max(0, time / 1_000_000 + timeOfDay)) }

    func version(_ launch: Launch) -> Int {
        launch.command.first.flatMap { Int($0.dropFirst()) } ?? 0
    }

    func startProcess(_ id: WorkerID, _ order: SimulatedKeeper.Order) -> Int32 {
        let behaviour = Behaviour(version: order.version, scenario.seed, scenario.habits)
        lastNumber += 1
        let pid = Int32(lastNumber)
        var process = SimulatedProcess(
            pid: pid, id: id, behaviour: behaviour, sockets: order.sockets)
        process.isLate = order.isLate
        if behaviour.binds { process.bindsLeft = addresses(order.version) }
        processes[pid] = process
        ends[id] = nil
        // The one before it is no more; this one has yet to bind or take them.
        for slot in order.sockets.keys { readers[slot] = nil }
        if !behaviour.isSound { unsound.insert(id) }
        for inode in order.sockets.values { kernel.hold(inode, .process(pid)) }
        note("process \(pid) is worker \(id): \(behaviour)")
        live(pid, behaviour)
        return pid
    }

    func live(_ pid: Int32, _ behaviour: Behaviour) {
        if settings.watchdog != nil { plan(.process(pid, .alive), after: 1_000_000) }
        if let time = behaviour.takesAfter { plan(.process(pid, .take), after: time) }
        if let time = behaviour.crashesAfter { plan(.process(pid, .crash), after: time) }
        if let time = behaviour.hangsAfter { plan(.process(pid, .hang), after: time) }
        if behaviour.lies { plan(.process(pid, .speak), within: 50_000) }
    }

    // MARK: What they do

    func act(_ pid: Int32, _ action: ProcessAction) {
        guard let process = processes[pid] else { return }
        if case .endOrphan = action { return letGo(process) }
        guard !process.isOrphan else { return }
        switch action {
        case .endOrphan: break
        case .take: take(pid, process)
        case .bind: bindNext(pid)
        case .bindAgain: bindAgain(pid)
        case .report: report(pid, process)
        case .speak: speak(pid, process)
        case .greet: greet(pid)
        case .alive:
            guard !process.hangs else { return }
            var notification = Notification()
            notification.watchdog = .alive
            notify(process, notification)
            plan(.process(pid, .alive), after: 2_000_000)
        case .crash: if !isCalm { end(pid, .killed(signal: 11)) }
        case .hang: if !isCalm { processes[pid]?.hangs = true }
        case .end: end(pid, .exited(status: 0))
        }
    }

    /// Begins to serve.
    private func take(_ pid: Int32, _ process: SimulatedProcess) {
        guard !process.hangs, !process.isEnding else { return }
        if !process.bindsLeft.isEmpty || process.call != nil {
            // It binds first.
            bindNext(pid)
            return plan(.process(pid, .take), after: 20_000)
        }
        processes[pid]?.takes = true
        if !process.behaviour.binds {
            processes[pid]?.reads = Set(process.sockets.keys)
            for slot in process.sockets.keys { readers[slot] = process.id }
            for inode in process.sockets.values { read(pid, inode) }
        } else if process.behaviour.bindsAgain {
            plan(.process(pid, .bindAgain), within: 3_000_000)
        }
        if process.behaviour.speaksNotify {
            var notification = Notification()
            notification.isReady = true
            notify(process, notification)
        }
        guard process.behaviour.speaksChannel || process.joins != nil else { return }
        if process.joins == nil { request(pid, .hello(.init(version: 1))) }
        request(pid, .ready())
        if process.behaviour.stores { request(pid, .store(name: "state", adds: random.oneIn(2))) }
        plan(.process(pid, .report), within: 3_000_000)
    }

    /// Reads what is in a socket; each datagram is checked.
    func read(_ pid: Int32, _ inode: UInt64) {
        if let process = processes[pid], process.isOrphan, process.behaviour.orphansRead {
            // What it takes away is nobody's any more.
            _ = kernel.read(inode)
            return
        }
        guard let process = processes[pid], process.takes, !process.hangs, !process.isEnding,
            !process.isOrphan, let socket = kernel.sockets[inode], !socket.isShutDown,
            process.reads.contains(socket.slot)
        else { return }
        for datagram in kernel.read(inode) {
            checkRead(datagram, at: socket.slot.listener, by: process)
        }
    }

    /// Of those that a request waits for, it is the one that can be told.
    func isTold(_ process: SimulatedProcess) -> Bool {
        guard let id = process.id else { return false }
        return conductor?.service.workers[id]?.pid == process.pid
    }

    func end(_ pid: Int32, _ exit: WorkerExit) {
        guard let process = processes[pid], !process.isOrphan else { return }
        note("process \(pid) of worker \(process.id.map { "\($0)" } ?? "-") ends: \(exit)")
        if process.behaviour.shutsDown {
            for inode in process.sockets.values { kernel.shutDown(inode) }
        }
        let isKeepers = process.id.map { keeper?.children[$0]?.pid == pid } ?? false
        if process.behaviour.leavesOrphans, !isCalm {
            processes[pid]?.isOrphan = true
            // The keeper ends what it can, before it tells of the end.
            if isKeepers, pid % 4 != 0 { plan(.process(pid, .endOrphan), after: 5) }
        } else {
            letGo(process)
        }
        guard let id = process.id else {
            if let joiner = process.joiner { handLater(.joinerGone(joiner), within: 500) }
            return
        }
        if !process.isEnding { crashesOf[id.generation, default: 0] += 1 }
        ends[id] = LastEnd(
            wasAsked: process.isEnding && process.takes,
            wasCurrent: conductor?.service.machine.current == id.generation,
            isJoined: process.joins != nil,
            hiddenFor: max(keeperRunsAt, supervisorRunsAt, time) - time)
        if isKeepers {
            keeper?.children[id]?.exit = exit
            keeperTells(.workerExited(id, pid: pid, exit))
        } else if watched.contains(pid) {
            handLater(.workerExited(id, pid: pid, .lost), within: 1_000)
        }
    }

    func letGo(_ process: SimulatedProcess) {
        for inode in process.sockets.values { kernel.letGo(inode, .process(process.pid)) }
        processes[process.pid] = nil
    }

    // MARK: What is done to them

    func signal(_ id: WorkerID, _ signal: Int32, _ service: Service) {
        guard let pid = service.workers[id]?.pid, let process = processes[pid], !process.isOrphan
        else { return }
        checkSignal(signal, to: process)
        switch signal {
        case 9, 6: end(pid, .killed(signal: signal))
        case 13: break
        default:
            checkOutside(process, id, service)
            guard process.behaviour.heedsStop || isCalm, !process.hangs else { return }
            // What it has been sent by now it has read.
            for inode in process.sockets.values { read(pid, inode) }
            processes[pid]?.isEnding = true
            plan(.process(pid, .end), after: process.behaviour.stopsWithin)
        }
    }

    func watchExit(_ id: WorkerID, _ service: Service) {
        guard let pid = service.workers[id]?.pid else { return }
        watched.insert(pid)
        if !isAlive(pid) { handLater(.workerExited(id, pid: pid, .lost)) }
    }

    /// What was said while no supervisor lived is there still, but the sim's workers say it again.
    func takeUp(_ id: WorkerID, _ service: Service) {
        guard let pid = service.workers[id]?.pid, let process = processes[pid], process.takes,
            !process.hangs
        else { return }
        if process.behaviour.speaksNotify {
            var notification = Notification()
            notification.isReady = true
            notify(process, notification)
        }
        guard process.behaviour.speaksChannel || process.joins != nil else { return }
        if service.workers[id]?.channelVersion == nil { request(pid, .hello(.init(version: 1))) }
        request(pid, .ready())
    }

    func look(_ id: WorkerID, _ service: Service) {
        var sightings: [SlotID: SlotSighting] = [:]
        if let pid = service.workers[id]?.pid, let process = processes[pid], process.takes {
            for slot in process.reads { sightings[slot] = .taken }
        }
        let pid = service.workers[id]?.pid ?? 0
        hand(.workerSeen(id, pid: pid, WorkerSight(sightings: sightings)))
    }
}
