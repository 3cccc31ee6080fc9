import ChannelProtocol
import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
import ServiceCore
import Settings

extension Supervisor {
    /// Opens the socket for workers that others start, where they may join.
    func openJoining() throws(SupervisorError) {
        guard settings.joinPolicy != nil else { return }
        do throws(KernelError) {
            joining = try JoinEndpoint(at: runtime.workersPath, try admission(), in: loop) {
                [unowned self] worker in join(worker)
            }
        } catch {
            throw SupervisorError("socket for joining workers: \(error)")
        }
    }

    /// Finds a place for a worker that has said HELLO, or makes a generation for it.
    private func join(_ worker: JoiningWorker) {
        guard let hello = worker.hello?.message else { return }
        let count = hello.workers ?? 1
        if let obstacle = settings.obstacle(toWorkers: count) {
            return refuse(worker, .key, "WORKERS=: \(obstacle)")
        }
        lastJoiner += 1
        worker.group = hello.group ?? "joined.\(worker.process.pid).\(lastJoiner)"
        if let place = freePlace(worker.group) { return seat(worker, at: place) }
        if expects(worker.group) { return }
        if let known = machine.generations.last(where: {
            $0.launch.group == worker.group && ($0.phase == .starting || $0.phase == .current)
        }) {
            return refuse(
                worker, .refused, "generation \(known.id) of this group has all its workers")
        }
        if settings.joinPolicy == .manual, machine.current != nil {
            worker.isParked = true
            log.notice("a worker of '\(worker.group)' waits for relevo upgrade")
            return
        }
        begin(worker, .none, more: false, for: nil)
    }

    /// Starts a generation for a worker's group.
    private func begin(
        _ worker: JoiningWorker, _ wait: ControlProtocol.Wait, more: Bool,
        for connection: ControlConnection?
    ) {
        let hello = worker.hello?.message
        let launch = Launch(
            command: [hello?.command ?? "joined"], workers: hello?.workers ?? 1,
            group: worker.group)
        ask("join", wait, more: more, for: connection) { .join($0, launch) }
        seatWaiting()
    }

    /// An upgrade that is asked for goes to the workers that wait for it; false where none does.
    func upgradeToParked(
        _ wait: ControlProtocol.Wait, more: Bool, for connection: ControlConnection?
    ) -> Bool {
        guard let newest = joining?.waiting.last(where: \.isParked) else { return false }
        for worker in joining?.waiting ?? [] where worker.group == newest.group {
            worker.isParked = false
        }
        begin(newest, wait, more: more, for: connection)
        return true
    }

    /// Gives workers that wait the places that there are, and lets those go that none will come for.
    func seatWaiting() {
        for worker in joining?.waiting ?? [] where !worker.isParked {
            if let place = freePlace(worker.group) {
                seat(worker, at: place)
            } else if !expects(worker.group) {
                refuse(worker, .busy, "another handover is under way, or the service ends")
            }
        }
    }

    /// A place in a generation of that group that nobody has taken.
    private func freePlace(_ group: String) -> WorkerID? {
        for generation in machine.generations where generation.launch.group == group {
            guard banks[generation.id] != nil else { continue }
            let free = generation.workers.first {
                $0.isSpawning && workers[WorkerID(generation.id, $0.index)] == nil
            }
            if let free { return WorkerID(generation.id, free.index) }
        }
        return nil
    }

    /// Whether a place may come up for that group, so that waiting makes sense.
    private func expects(_ group: String) -> Bool {
        machine.expects(group: group)
            || waiting.contains { event in
                if case .join(_, let launch) = event { launch.group == group } else { false }
            }
    }

    private func refuse(_ worker: JoiningWorker, _ code: ChannelErrorCode, _ reason: String) {
        log.warning("a worker of '\(worker.group)' may not join: \(reason)")
        worker.refuse(code, reason)
        joining?.forget(worker)
    }

    /// Makes a process that has joined the worker of a place.
    private func seat(_ joiner: JoiningWorker, at id: WorkerID) {
        guard let hello = joiner.hello else { return }
        joining?.forget(joiner)
        let ends = WorkerEnds(out: nil, err: nil, notify: nil, channel: joiner.end)
        // In safety before it counts on them.
        keep(ends, of: id)
        vault.keep(joiner.process, as: .worker(id, .process))
        let worker = Worker(
            id, adopting: joiner.process, ends, environment: [],
            startedAt: MonotonicClock.now(), isJoined: true, in: loop)
        workers[id] = worker
        bind(joiner.channel, to: worker)
        watch(worker)
        report(.workerStarted, id)
        submit(.workerStarted(id))
        do throws(ChannelFault) {
            try welcome(worker, hello.message, hello.request)
        } catch {
            joiner.channel.refuse(ChannelFault(error.code, error.reason, id: hello.request))
        }
    }

    /// Opens the place of a worker that comes by itself.
    func awaitJoiner(_ id: WorkerID) {
        renewSlots(of: id)
        forgetEnds(of: id)
        log.info("worker \(id) may join", metadata: id.facts)
        // Not in the midst of the effects that make the place.
        _ = loop.schedule(at: MonotonicClock.now()) { [unowned self] in seatWaiting() }
    }

    /// Closes the place of one that has not come; false where there is a worker to be told.
    func closePlace(_ id: WorkerID) -> Bool {
        guard workers[id] == nil, machine.generation(id.generation)?.launch.isJoined ?? false else {
            return false
        }
        submit(.workerStartFailed(id, "nobody has joined"))
        return true
    }

    /// Ends a worker that has joined and did not stop; one that cannot be reached is given up.
    func killJoined(_ worker: Worker) {
        if !worker.kill() { workerEnded(worker.id, .lost) }
    }

    /// Takes its word for what it reads: nobody can look at its process from here.
    ///
    /// - Parameter unread: those of its sockets that it does not read, by their order in WELCOME. It
    ///   may say it again, with fewer, once it is ready.
    func joinedWorkerIsReady(_ worker: Worker, unread: Set<Int>) throws(ChannelFault) {
        let id = worker.id
        guard let place = machine.generation(id.generation)?.workers[id.index],
            let bank = banks[id.generation]
        else { return }
        var number = 0
        var judge = ReadinessJudge(rule: .notify, startedAt: worker.startedAt)
        judge.speaksNotify = true
        judge.saidReady = true
        var taken: [Slot] = []
        for (listener, slots) in zip(listeners, bank.slots(of: id.index))
        where !listener.settings.isAdopted {
            let read = slots.indices.filter { slots[$0].isTaken || !unread.contains(number + $0) }
            number += slots.count
            taken += read.map { slots[$0] }
            judge.listeners.append(
                .init(
                    address: "\(listener.settings.address)", taken: read.count,
                    offered: slots.count))
        }
        if let obstacle = judge.obstacle(at: MonotonicClock.now()) {
            throw ChannelFault(.order, obstacle)
        }
        let isMore = taken.contains { !$0.isTaken }
        for slot in taken { slot.isTaken = true }
        if place.isReady {
            if isMore, machine.steering?.generation == id.generation { refreshSteering() }
            return
        }
        report(.workerReady, id)
        submit(.workerReady(id))
        for warning in judge.unreadSockets { warn("worker \(id) \(warning)", id) }
    }
}
