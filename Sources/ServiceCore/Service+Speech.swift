import ChannelProtocol
import HandoverCore
import Settings

/// What workers say over sd_notify(3) and over their channels; CHANNEL.md says what is spoken.
extension Service {
    mutating func notified(
        _ id: WorkerID, _ notification: Notification, _ received: ReceivedID?,
        _ duplicates: [Int?], _ turn: inout ServiceTurn
    ) {
        guard let worker = workers[id] else { return }
        takeStored(notification, received, duplicates, of: id, &turn)
        for field in notification.malformed {
            turn.warn("worker \(id) sent \(field.key)= with a value that says nothing", id)
        }
        if let status = notification.status { workers.change(id) { $0.statusText = status } }
        if let pid = notification.mainPID, pid != worker.pid {
            turn.warn(
                "worker \(id) says MAINPID=\(pid): refused, the process that was started stays its "
                    + "main one (a server that puts itself in the background should not)", id)
        }
        if let time = notification.extendTimeout { turn.submit(.extendTimeout(id, time)) }
        switch notification.watchdog {
        case .alive: if worker.watchdogAt != nil { startWatchdog(id, at: turn.now) }
        case .trigger: abort(id, "has its watchdog end it", &turn)
        case nil: break
        }
        let now = turn.now.sinceStart
        learn(id, &turn) { judge in
            judge.heard(
                isReady: notification.isReady, asksForTime: notification.extendTimeout != nil,
                at: now)
        }
    }

    /// What came with `FDSTORE=1` or `FDSTOREREMOVE=1` of sd_notify(3).
    private mutating func takeStored(
        _ notification: Notification, _ received: ReceivedID?, _ duplicates: [Int?],
        of id: WorkerID, _ turn: inout ServiceTurn
    ) {
        if notification.removesStored, let name = notification.storedName {
            forgetStored(of: id, name, &turn)
        }
        guard notification.storesDescriptors else { return }
        do throws(ChannelFault) {
            try keep(
                received, duplicates, of: id, as: notification.storedName ?? "stored", adds: true,
                &turn)
        } catch {
            turn.warn("worker \(id) sent FDSTORE=1: \(error)", id)
        }
    }

    // MARK: The channel

    mutating func heard(
        _ id: WorkerID, _ request: WorkerRequest, _ received: ReceivedID?, _ duplicates: [Int?],
        _ turn: inout ServiceTurn
    ) {
        guard workers[id] != nil else { return }
        do throws(ChannelFault) {
            if try take(request, received, duplicates, from: id, &turn), request.id != nil {
                turn.emit(.say(id, .ok, request: request.id, lending: []))
            }
        } catch {
            reply(to: id, request.id, error, &turn)
        }
    }

    /// Answers a worker's request: done, or why not.
    func reply(
        to id: WorkerID, _ request: UInt64?, _ fault: ChannelFault?, _ turn: inout ServiceTurn
    ) {
        if let fault {
            turn.emit(
                .say(id, .error(fault.code, reason: fault.reason), request: request, lending: []))
        } else if request != nil {
            turn.emit(.say(id, .ok, request: request, lending: []))
        }
    }

    /// - Returns: whether the request is done and nothing else answers it.
    private mutating func take(
        _ request: WorkerRequest, _ received: ReceivedID?, _ duplicates: [Int?],
        from id: WorkerID, _ turn: inout ServiceTurn
    ) throws(ChannelFault) -> Bool {
        guard let worker = workers[id] else { return false }
        if case .hello(let hello) = request.message {
            try welcome(id, hello, request.id, &turn)
            return false
        }
        guard worker.channelVersion != nil else { throw ChannelFault(.order, "HELLO comes first") }
        switch request.message {
        case .hello: return false
        case .ready(let unread) where worker.isJoined:
            try joinedIsReady(id, unread: Set(unread), &turn)
        case .ready:
            learn(id, &turn) { judge in
                judge.speaksNotify = true
                judge.saidReady = true
            }
        case .failed(let reason):
            let text = "worker \(id) says that it cannot serve: \(reason)"
            turn.emit(.announce(.note(.warning, text, id)))
            turn.submit(.workerFailed(id, reason))
        case .sessions(let count): turn.submit(.workerSessions(id, count))
        case .drained: try drained(id, &turn)
        case .link(let target, let index, let label):
            try link(id, to: target, index, label, request.id, &turn)
            return false
        case .store(let name, let adds):
            try keep(received, duplicates, of: id, as: name, adds: adds, &turn)
        case .forget(let name): forgetStored(of: id, name, &turn)
        case .fetch:
            fetchStored(of: id, request.id, &turn)
            return false
        case .leave: try leave(id, &turn)
        case .pin(let flow):
            try pin(flow, of: id, request.id, pins: true, &turn)
            return false
        case .unpin(let flow):
            try pin(flow, of: id, request.id, pins: false, &turn)
            return false
        }
        return true
    }

    private func leave(_ id: WorkerID, _ turn: inout ServiceTurn) throws(ChannelFault) {
        switch machine.generation(id.generation)?.phase {
        case .draining, .retiring, .stopped, .failed, nil: break
        case .starting, .canary:
            turn.submit(.workerFailed(id, "it leaves before it is current"))
        case .current:
            throw ChannelFault(.current, "nothing else would serve the flows of worker \(id)")
        }
    }

    private func drained(_ id: WorkerID, _ turn: inout ServiceTurn) throws(ChannelFault) {
        switch machine.generation(id.generation)?.phase {
        case .draining, .retiring, .stopped, .failed: turn.submit(.workerDrained(id))
        case .starting, .canary, .current, nil:
            throw ChannelFault(.order, "there is no drain")
        }
    }

    /// Says who the worker is, lends it what is its, and tells it what it has missed.
    mutating func welcome(
        _ id: WorkerID, _ hello: WorkerMessage.Hello, _ request: UInt64?,
        _ turn: inout ServiceTurn
    ) throws(ChannelFault) {
        guard let generation = machine.generation(id.generation) else { return }
        let version = min(hello.version, ChannelLimits.newestVersion)
        var sockets: [WelcomeSocket] = []
        var lent: [Lent] = []
        for (number, slots) in banks.slots(of: id).enumerated()
        where !banks.listeners[number].isAdopted {
            for slot in slots {
                sockets.append(
                    WelcomeSocket(
                        listener: number, slot: slot.id.number,
                        address: banks.listeners[number].address,
                        name: settings.listeners.indices.contains(number)
                            ? settings.listeners[number].socketName : "\(number)"))
                if hello.wantsSockets { lent.append(.slot(slot.id)) }
            }
        }
        let welcome = SupervisorMessage.Welcome(
            version: version, service: settings.name, generation: id.generation.number,
            worker: id.index, workers: generation.workers.count)
        let entries = store.entries(of: id.index)
        var stored = entries.map { Lent.stored($0.number) }
        for packet in SupervisorMessage.packets(
            welcome, sockets: sockets, stored: entries.map(\.name))
        {
            let some = hello.wantsSockets ? packet.sockets.count : 0
            turn.emit(
                .say(
                    id, .welcome(packet), request: request,
                    lending: Array(lent.prefix(some)) + stored.prefix(packet.stored.count)))
            lent.removeFirst(some)
            stored.removeFirst(packet.stored.count)
        }
        workers.change(id) { $0.channelVersion = version }
        learn(id, &turn) { $0.speaksNotify = true }
        tellWhereItStands(id, generation, &turn)
    }

    /// Tells a worker that has just said HELLO what the others were told before.
    private mutating func tellWhereItStands(
        _ id: WorkerID, _ generation: Generation, _ turn: inout ServiceTurn
    ) {
        if let worker = workers[id], worker.isDraining {
            // One whose drain is over has no other deadline than the one that it was told.
            order(.tellDraining(id, deadline: worker.toldDeadline, signal: nil), &turn)
        }
        guard generation.workers.indices.contains(id.index) else { return }
        if generation.workers[id.index].phase == .stopping {
            order(.tellStopping(id, within: settings.stopTimeout), &turn)
        }
    }

    // MARK: Stored descriptors

    private mutating func keep(
        _ received: ReceivedID?, _ duplicates: [Int?], of id: WorkerID, as name: String,
        adds: Bool, _ turn: inout ServiceTurn
    ) throws(ChannelFault) {
        let change = try store.store(duplicates, index: id.index, name: name, adds: adds)
        if let received { turn.emit(.store(received, numbers: change.numbers)) }
        if !change.gone.isEmpty { order(.forgetStored(change.gone), &turn) }
    }

    private mutating func forgetStored(
        of id: WorkerID, _ name: String, _ turn: inout ServiceTurn
    ) {
        let gone = store.forget(index: id.index, name: name)
        if !gone.isEmpty { order(.forgetStored(gone), &turn) }
    }

    private func fetchStored(
        of id: WorkerID, _ request: UInt64?, _ turn: inout ServiceTurn
    ) {
        let entries = store.entries(of: id.index)
        var rest = entries.map { Lent.stored($0.number) }[...]
        for (message, count) in SupervisorMessage.packets(stored: entries.map(\.name)) {
            turn.emit(
                .say(id, message, request: request, lending: Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
    }

    // MARK: Links

    private mutating func link(
        _ id: WorkerID, to target: LinkTarget, _ index: Int?, _ label: String?,
        _ request: UInt64?, _ turn: inout ServiceTurn
    ) throws(ChannelFault) {
        let generation = try generation(target, seenFrom: id.generation)
        let peer = WorkerID(
            generation.id, index ?? id.index % max(generation.workers.count, 1))
        guard peer != id else { throw ChannelFault(.self, "a link to oneself") }
        guard let other = workers[peer], other.isRunning else {
            throw ChannelFault(.unknown, "no worker \(peer) lives")
        }
        guard other.channelVersion != nil else {
            throw ChannelFault(.mute, "worker \(peer) does not use its channel")
        }
        var mayAsk = false
        workers.change(id) { mayAsk = $0.linkAllowance.take(at: turn.now.sinceStart) }
        guard mayAsk else { throw ChannelFault(.limit, "too many links in a short time") }
        turn.emit(
            .link(
                LinkOrder(
                    asker: id, request: request, peer: peer,
                    asked: .link(
                        SupervisorMessage.LinkEnd(
                            role: .asked, generation: peer.generation.number, worker: peer.index,
                            label: label)),
                    offered: .link(
                        SupervisorMessage.LinkEnd(
                            role: .offered, generation: id.generation.number, worker: id.index,
                            label: label)))))
    }

    mutating func linkMade(
        _ order: LinkOrder, _ result: LinkResult, _ turn: inout ServiceTurn
    ) {
        switch result {
        case .made: break
        case .gone:
            reply(
                to: order.asker, order.request,
                ChannelFault(.unknown, "no worker \(order.peer) lives"), &turn)
        case .busy:
            reply(
                to: order.asker, order.request,
                ChannelFault(.busy, "worker \(order.peer) does not read its channel"), &turn)
        case .failed(let reason):
            reply(to: order.asker, order.request, ChannelFault(.failed, reason), &turn)
        }
    }

    /// The living generation that a worker means.
    private func generation(
        _ target: LinkTarget, seenFrom own: GenerationID
    ) throws(ChannelFault) -> Generation {
        let living = machine.generations.filter { generation in
            generation.workers.contains {
                workers[WorkerID(generation.id, $0.index)]?.isRunning ?? false
            }
        }
        switch target {
        case .generation(let number):
            if let found = living.first(where: { $0.id.number == number }) { return found }
            throw ChannelFault(.unknown, "no generation \(number) lives")
        case .current:
            if let found = living.first(where: { $0.phase == .current }) { return found }
            throw ChannelFault(.unknown, "no generation is current")
        case .older:
            if let found = living.last(where: { $0.id < own }) { return found }
            throw ChannelFault(.unknown, "no older generation lives")
        case .newer:
            if let found = living.first(where: { $0.id > own }) { return found }
            throw ChannelFault(.unknown, "no newer generation lives")
        }
    }

    // MARK: Flows pinned by hand

    private func pin(
        _ flow: FlowName, of id: WorkerID, _ request: UInt64?, pins: Bool,
        _ turn: inout ServiceTurn
    ) throws(ChannelFault) {
        if pins {
            switch machine.generation(id.generation)?.phase {
            case .starting, .canary, .current, .draining: break
            // What is left of it has been re-steered.
            case .retiring, .stopped, .failed, nil:
                throw ChannelFault(.order, "the worker's flows go elsewhere already")
            }
        }
        let slots = banks.slots(of: id)
        guard slots.indices.contains(flow.listener), let slot = slots[flow.listener].first else {
            throw ChannelFault(.unknown, "the worker has no socket of listener \(flow.listener)")
        }
        turn.emit(
            .pin(FlowOrder(worker: id, request: request, flow: flow, slot: slot.id, pins: pins)))
    }
}
