import HandoverCore
import ServiceCore
import Settings

/// What clients and people do, and how a supervisor begins or takes over.
extension World {
    // MARK: Clients

    /// Whether a flow has been heard of lately.
    func isLive(flow: Int) -> Bool {
        guard let last = lastSeen[flow % 1000], lives[flow % 1000, default: flow % 1000] == flow
        else { return false }
        return now - last < .seconds(2)
    }

    func client(flow: Int) {
        if ended { return }
        for listener in kernel.groups.indices {
            guard kernel.groups[listener].choice.isEmpty == false else { continue }
            countStep()
            if let last = lastSeen[flow], now - last >= .seconds(2) {
                // It has ended: its next datagram is a new flow's.
                kernel.groups[listener].pins[lives[flow, default: flow]] = nil
                // Another number: what is still queued is of the flow that was.
                if listener == 0 { lives[flow, default: flow] += 1000 }
            }
            let life = lives[flow, default: flow]
            kernel.arrive(flow: life, at: listener)
            if let slot = kernel.groups[listener].pins[life],
                let inode = kernel.groups[listener].sockets[slot]
            {
                for process in readers(of: inode) { read(process, inode) }
            }
        }
        lastSeen[flow] = now
        // Some pause for so long that they have ended.
        let pause = random.time(random.oneIn(20) ? 3_000_000...6_000_000 : 500...400_000)
        if !(isCalm && random.oneIn(3)) {
            agenda.plan(.client(flow: flow), at: now + pause)
        }
    }

    private func readers(of inode: UInt64) -> [Int32] {
        guard let socket = kernel.sockets[inode] else { return [] }
        return socket.holders.compactMap { holder in
            switch holder {
            case .process(let pid): processes[pid]?.takes == true ? pid : nil
            case .supervisor, .keeper, .store: nil
            }
        }.sorted()
    }

    // MARK: People

    func person(_ number: Int) {
        people += 1
        calmTime = now + .seconds(30)
        guard service != nil else { return }
        lastNumber += 1
        let asker = AskerID(lastNumber)
        let wish: Wish
        switch random.below(12) {
        case 0...5:
            let version = "v\(number + 1)"
            behaviours[version] = .random(&random, isHostile: scenario.hasHostileServers)
            wish = .upgrade(
                command: [version], workers: random.oneIn(3) ? 1 + random.below(4) : nil)
        case 6, 7: wish = .rollback
        case 8: wish = .restart
        case 9: wish = .drain(nil, random.oneIn(2) ? .zero : .seconds(1))
        case 10: wish = .status
        default: wish = random.oneIn(6) ? .stop(within: nil) : .upgrade(command: nil, workers: nil)
        }
        askers[asker] = Asker(wish: wish, incarnation: incarnation)
        deliver(
            .asked(
                asker, wish, random.pick([.none, .flip, .drained]),
                sendsProgress: random.oneIn(2)))
    }

    func told(_ asker: AskerID, _ reply: Reply) {
        if case .progress = reply { return }
        guard askers[asker] != nil else { return violate("answers", "a stranger is told \(reply)") }
        askers[asker]?.answers += 1
        if askers[asker]?.answers ?? 0 > 1 {
            violate("answers", "\(askers[asker].map { "\($0.wish)" } ?? "") is answered twice")
        }
    }

    // MARK: A supervisor begins

    func startSupervisor() {
        guard record[.service] != nil || keeper?.children.isEmpty == false else {
            return begin()
        }
        let state: PredecessorState?
        do {
            state = try PredecessorState(Array(record.values))
        } catch {
            return violate("the record", "\(error)")
        }
        guard let state else { return begin() }
        resume(state)
    }

    private func begin() {
        note("a supervisor begins")
        // What a service has left that has ended goes with its keeper.
        kernel.letGoOfAll(.keeper)
        kernel.letGoOfAll(.store)
        store = [:]
        kernel = SimulatedKernel(after: kernel)
        keeper = SimulatedKeeper(number: lastNumber)
        lastNumber += 1
        record = [:]
        recorder = Recorder()
        var shapes: [ListenerShape] = []
        for listener in scenario.settings.listeners {
            let place = SocketPlace(
                .ipv4(0x7F00_0001, port: listener.address.port), v6Only: false, isStream: false,
                text: "\(listener.address)")
            var shape = ListenerShape(address: "\(listener.address)", place: place)
            shape.capacity = 64
            shape.keepsBindOrder = scenario.keepsBindOrder
            shapes.append(shape)
        }
        service = Service(scenario.settings, listeners: shapes, policy: policy)
        deliver(.start)
    }

    var policy: Policy {
        var policy = Policy()
        policy.overlap = scenario.settings.overlap
        policy.readyTimeout = scenario.settings.readyTimeout
        policy.linger = scenario.settings.linger
        policy.stopTimeout = scenario.settings.stopTimeout
        switch scenario.settings.drainTimeout {
        case .after(let time): policy.drainTimeout = time
        case .infinity: policy.drainTimeout = nil
        }
        return policy
    }

    private func resume(_ state: PredecessorState) {
        note("a supervisor takes over")
        // The keeper does what it was asked before it lists what it has.
        for id in (keeper?.orders.keys).map(Array.init) ?? [] {
            keeperSpawns(id, keeper?.number ?? 0)
        }
        var keeperIsNew = false
        if keeper == nil {
            keeper = SimulatedKeeper(number: lastNumber)
            lastNumber += 1
            keeperIsNew = true
        }
        var slots: [SlotID: UInt64] = [:]
        var stored: Set<Int> = []
        for place in [keeper?.kept ?? [:], store] {
            for (name, kept) in place {
                switch (name, kept) {
                case (.slot(let slot), .socket(let inode)) where slots[slot] == nil:
                    guard kernel.sockets[inode] != nil else { break }
                    slots[slot] = inode
                    kernel.hold(inode, .supervisor)
                    kernel.groups[slot.listener].sockets[slot.number] = inode
                case (.stored(let number), _): stored.insert(number)
                default: break
                }
            }
        }
        let lacks = state.sockets.keys.contains { keeper?.kept[.slot($0)] == nil }
        keeperIsNew = keeperIsNew || lacks
        var found: [Findings.FoundWorker] = []
        for (id, child) in keeper?.children ?? [:] {
            found.append(
                Findings.FoundWorker(
                    id, pid: child.pid, isAlive: child.exit == nil, isKeepers: true))
            if let exit = child.exit { answerLater(.workerExited(id, exit)) }
        }
        found += others(state, found)
        recorder = Recorder()
        let (made, verbs) = Service.resume(
            state,
            Findings(
                slots: slots, workers: found, stored: stored, keeperLacks: keeperIsNew),
            scenario.settings, policy: policy, former: nil, at: now)
        service = made
        carryOut(verbs)
        while service != nil, !inbox.isEmpty {
            let next = inbox.removeFirst()
            deliver(next)
        }
        agenda.plan(.tick(for: incarnation), at: now + .milliseconds(1))
    }

    /// Workers that are no children of this keeper, but whose pidfds were kept.
    private func others(
        _ state: PredecessorState, _ found: [Findings.FoundWorker]
    ) -> [Findings.FoundWorker] {
        Set((keeper?.kept ?? [:]).keys).union(store.keys).compactMap { name in
            guard case .worker(let id, .process) = name,
                !found.contains(where: { $0.id == id }),
                case .running(let pid) = state.workers[id]?.process?.life
            else { return nil }
            return Findings.FoundWorker(
                id, pid: pid, isAlive: processes[pid] != nil, isKeepers: false)
        }
    }
}
