package import ChannelProtocol
import HandoverCore
import Settings

/// Workers that somebody else has started.
extension Service {
    /// Finds an index for a process that has said HELLO, or makes a generation for it.
    mutating func greeted(
        _ id: JoinerID, _ hello: WorkerMessage.Hello, _ request: UInt64?, _ pid: Int32,
        _ turn: inout ServiceTurn
    ) {
        if let obstacle = settings.obstacle(toWorkers: hello.workers ?? 1) {
            turn.emit(.refuseJoiner(id, .key, reason: "WORKERS=: \(obstacle)"))
            return
        }
        let joiner = joiners.add(id, hello, request: request, pid: pid)
        switch way(into: joiner.group) {
        case .seat(let place): seat(id, joiner, at: place, &turn)
        case .wait: break
        case .full(let known):
            refuse(
                id, joiner, .refused, "generation \(known) of this group has all its workers",
                &turn)
        case .park:
            joiners.park(id)
            turn.emit(
                .announce(
                    .note(
                        .notice, "a worker of '\(joiner.group)' waits for relevo upgrade", nil)))
        case .begin: begin(joiner, nil, .none, sendsProgress: false, &turn)
        }
    }

    /// What becomes of a process that wants to join.
    private enum Way {
        case seat(WorkerID)
        /// A generation of its group is about to have an index for it.
        case wait
        case full(GenerationID)
        /// Until an upgrade is asked for.
        case park
        case begin
    }

    private func way(into group: String) -> Way {
        if let place = freeIndex(group) { return .seat(place) }
        if machine.expects(group: group) { return .wait }
        let known = machine.generations.last {
            $0.launch.group == group && ($0.phase == .starting || $0.phase == .current)
        }
        if let known { return .full(known.id) }
        return settings.joinPolicy == .manual && machine.current != nil ? .park : .begin
    }

    /// Whether a process that says so will begin a generation beside one that serves, which is an upgrade.
    package func isUpgrade(_ hello: WorkerMessage.Hello) -> Bool {
        guard settings.obstacle(toWorkers: hello.workers ?? 1) == nil, machine.mayHandOver else {
            return false
        }
        guard let group = hello.group else { return settings.joinPolicy != .manual }
        if case .begin = way(into: group) { return true }
        return false
    }

    /// Starts a generation for a worker's group.
    private mutating func begin(
        _ joiner: Joiner, _ asker: AskerID?, _ wait: Wait, sendsProgress: Bool,
        _ turn: inout ServiceTurn
    ) {
        let launch = Launch(
            command: [joiner.hello.command ?? "joined"], workers: joiner.hello.workers ?? 1,
            group: joiner.group)
        ask("join", asker, wait, sendsProgress: sendsProgress, &turn) { .join($0, launch) }
        seatWaiting(&turn)
    }

    /// An upgrade that is asked for goes to the workers that wait for it; false where none does.
    mutating func upgradeToParked(
        _ asker: AskerID?, _ wait: Wait, sendsProgress: Bool, _ turn: inout ServiceTurn
    ) -> Bool {
        guard let newest = joiners.unparkNewest() else { return false }
        begin(newest, asker, wait, sendsProgress: sendsProgress, &turn)
        return true
    }

    /// Gives those that wait the indexes that are free, and lets those go that none will come for.
    mutating func seatWaiting(_ turn: inout ServiceTurn) {
        for (id, joiner) in joiners.all where !joiner.isParked {
            if let place = freeIndex(joiner.group) {
                seat(id, joiner, at: place, &turn)
            } else if !machine.expects(group: joiner.group) {
                refuse(
                    id, joiner, .busy, "another handover is under way, or the service ends", &turn)
            }
        }
    }

    /// An index in a generation of that group that is open.
    private func freeIndex(_ group: String) -> WorkerID? {
        for generation in machine.generations where generation.launch.group == group {
            for worker in generation.workers {
                let id = WorkerID(generation.id, worker.index)
                if workers[id]?.life == .open { return id }
            }
        }
        return nil
    }

    private mutating func refuse(
        _ id: JoinerID, _ joiner: Joiner, _ code: ChannelErrorCode, _ reason: String,
        _ turn: inout ServiceTurn
    ) {
        turn.warn("a worker of '\(joiner.group)' may not join: \(reason)")
        joiners.forget(id)
        turn.emit(.refuseJoiner(id, code, reason: reason))
    }

    /// Makes a process that has joined the worker of an index.
    private mutating func seat(
        _ joiner: JoinerID, _ waiting: Joiner, at id: WorkerID, _ turn: inout ServiceTurn
    ) {
        joiners.forget(joiner)
        banks.lend(id)
        workers.change(id) {
            $0.life = .running(pid: waiting.pid)
            $0.startedAt = turn.now
            $0.isJoined = true
        }
        turn.emit(.seat(joiner, id))
        turn.emit(.announce(.workerStarted(id, pid: waiting.pid)))
        turn.submit(.workerStarted(id))
        do throws(ChannelFault) {
            try welcome(id, waiting.hello, waiting.request, &turn)
        } catch {
            reply(to: id, waiting.request, error, &turn)
        }
    }

    /// Nobody can look at the process of a worker that has joined: its word is what there is.
    ///
    /// - Parameter unread: those of its sockets that it does not read, by their order in WELCOME. It
    ///   may say it again, with fewer, once it is ready.
    mutating func joinedIsReady(
        _ id: WorkerID, unread: Set<Int>, _ turn: inout ServiceTurn
    ) throws(ChannelFault) {
        guard let place = machine.generation(id.generation)?.workers[id.index] else { return }
        var judge = ReadinessJudge(rule: .notify, startedAt: .zero)
        judge.speaksNotify = true
        judge.saidReady = true
        var read: [SlotID] = []
        var number = 0
        for (listener, slots) in zip(banks.listeners, banks.slots(of: id))
        where !listener.isAdopted {
            let taken = slots.indices.filter { slots[$0].isTaken || !unread.contains(number + $0) }
            number += slots.count
            read += taken.map { slots[$0].id }
            judge.listeners.append(
                .init(address: listener.address, taken: taken.count, offered: slots.count))
        }
        if let obstacle = judge.obstacle(at: turn.now.sinceStart) {
            throw ChannelFault(.order, obstacle)
        }
        var tookMore = false
        for slot in read { tookMore = banks.taken(slot, by: id) || tookMore }
        if place.isReady {
            if tookMore, machine.steers(to: id.generation) { refreshSteering(&turn) }
            return
        }
        turn.emit(.announce(.workerReady(id, pid: workers[id]?.pid ?? 0)))
        turn.submit(.workerReady(id))
        for warning in judge.unreadSockets { turn.warnLast("worker \(id) \(warning)", id) }
    }
}
