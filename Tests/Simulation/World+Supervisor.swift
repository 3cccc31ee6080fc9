import HandoverCore
import Record
import ServiceCore
import Settings

/// How a supervisor begins, takes over, and ends.
extension World {
    func startSupervisor() {
        guard let state = readRecord() else {
            if violations.isEmpty { begin() }
            return
        }
        resume(state)
    }

    /// What the one before has written down; nil where there is nothing to go on with.
    private func readRecord() -> PredecessorState? {
        do {
            guard let reading = try file.read() else { return nil }
            var parts: [RecordPart] = []
            for key in reading.parts.keys.sorted() {
                if let bytes = reading.parts[key], let part = try RecordFormat.part(key, bytes) {
                    parts.append(part)
                }
            }
            guard let state = try PredecessorState(parts) else { return nil }
            file = SimulatedFile(
                continuing: file, reading, writesAtOnce: scenario.writesAtOnce,
                isLater: scenario.hasLaterVersions && random.oneIn(2))
            return state
        } catch {
            violate(.promise6, "the record: \(error)")
            return nil
        }
    }

    private func begin() {
        note("a supervisor begins")
        beginLife()
        isStopping = false
        // Its generations are counted from one again.
        flipped = []
        watchSeen = nil
        ends = [:]
        crashesOf = [:]
        joinedGenerations = []
        readers = [:]
        drainDeadlines = [:]
        // A process that a keeper started unheard before it died, the supervisor having died as well after the
        // service's end was on record: only a service manager knows of it, and ends it.
        for pid in processes.keys.sorted() where processes[pid]?.joins == nil {
            processes[pid]?.isOrphan = true
        }
        unsound = []
        // What a service has left that has ended goes with its keeper.
        kernel.letGoOfAll(.keeper)
        kernel.letGoOfAll(.store)
        store = [:]
        settings.listeners = scenario.settings.listeners
        kernel = SimulatedKernel(after: kernel, listeners: settings.listeners.count)
        lastNumber += 1
        keeper = SimulatedKeeper(number: lastNumber)
        file = SimulatedFile(
            salt: scenario.seed &+ UInt64(lastNumber), writesAtOnce: scenario.writesAtOnce,
            isLater: false)
        var sockets: [(SlotID, BoundSocket)] = []
        for number in 0..<scenario.given {
            let slot = SlotID(listener: 0, number: number)
            let inode = kernel.bind(slot)
            keep(.slot(slot), .socket(inode))
            sockets.append((slot, BoundSocket(inode: inode)))
        }
        if scenario.given > 0 { kernel.groups[0].choice = [0] }
        formerLaunch = launch
        let service = Service(
            settings, listeners: scenario.shapes, sockets: sockets, policy: policy)
        conductor = Conductor(service, self)
        hand(.start)
        if scenario.hasStore { useStore() }
    }

    var launch: Launch? {
        settings.command.isEmpty
            ? nil : Launch(command: settings.command, workers: settings.workers)
    }

    var policy: Policy {
        var policy = Policy()
        policy.overlap = settings.overlap
        policy.readyTimeout = settings.readyTimeout
        policy.linger = settings.linger
        policy.stopTimeout = settings.stopTimeout
        switch settings.drainTimeout {
        case .after(let time): policy.drainTimeout = time
        case .infinity: policy.drainTimeout = nil
        }
        return policy
    }

    // MARK: Taking over

    private func resume(_ state: PredecessorState) {
        note("a supervisor takes over")
        // The keeper does what it was asked before it lists what it has.
        for id in (keeper?.orders.keys).map(Array.init)?.sorted(by: isBefore) ?? [] {
            keeperSpawns(id, keeper?.number ?? 0)
        }
        let keeperIsNew = keeper == nil
        if keeperIsNew {
            // What the dead keeper has started without a chance to say so is nobody's.
            for pid in processes.keys.sorted() {
                guard let id = processes[pid]?.id, processes[pid]?.joins == nil,
                    case .running(pid) = state.workers[id]?.process?.life
                else {
                    if processes[pid]?.joins == nil { end(pid, .killed(signal: 9)) }
                    continue
                }
            }
            lastNumber += 1
            keeper = SimulatedKeeper(number: lastNumber)
            keeperIsMissing = false
        }
        // Listeners that were made and not written down are gone with the one that made them.
        while kernel.groups.count > max(state.listeners.count, 1) { kernel.groups.removeLast() }
        while settings.listeners.count > kernel.groups.count { settings.listeners.removeLast() }
        let findings = findings(of: state, keeperIsNew: keeperIsNew)
        let former = formerLaunch == launch ? nil : formerLaunch
        if former != nil { followed = 0 }
        formerLaunch = launch
        let untouched = servesUndisturbed(state, findings)
        let (made, verbs) = Service.resume(
            state, findings, settings, policy: policy, former: former, at: now)
        // What the predecessor held and had not written down.
        for case .program(let number) in Set((keeper?.kept ?? [:]).keys).union(store.keys)
        where made.programs[number] == nil { forget(.program(number)) }
        let taken = Conductor(made, self, after: state)
        conductor = taken
        plannedTick = .max
        verbsOfTurn = 0
        inputsOfTurn = 1
        taken.begin(with: verbs)
        checkUndisturbed(untouched)
        askAgain()
    }

    private func findings(of state: PredecessorState, keeperIsNew: Bool) -> Findings {
        var slots: [SlotID: UInt64] = [:]
        var stored: Set<Int> = []
        for place in [keeper?.kept ?? [:], store] {
            for (name, kept) in place {
                switch (name, kept) {
                case (.slot(let slot), .socket(let inode))
                where slots[slot] == nil && kernel.groups.indices.contains(slot.listener):
                    guard kernel.sockets[inode] != nil else { break }
                    slots[slot] = inode
                    kernel.hold(inode, .supervisor)
                    kernel.enterGroup(slot, inode)
                case (.stored(let number), _): stored.insert(number)
                default: break
                }
            }
        }
        var found: [Findings.FoundWorker] = []
        for (id, child) in keeper?.children ?? [:] {
            found.append(
                Findings.FoundWorker(
                    id, pid: child.pid, isAlive: child.exit == nil, isKeepers: true))
            // It may have told of it before, and tells it more than once perhaps.
            for _ in 0..<(child.exit == nil ? 0 : 1 + random.below(2)) {
                keeperTells(.workerExited(id, pid: child.pid, child.exit ?? .lost))
            }
        }
        found.sort { isBefore($0.id, $1.id) }
        found += others(state, found)
        var findings = Findings(
            slots: slots, workers: found, stored: stored,
            keeperLacks: keeperIsNew
                || state.sockets.keys.contains { keeper?.kept[.slot($0)] == nil })
        // A package has brought another version, and its unit is started again.
        if state.service.isRestarting == true, random.oneIn(2) {
            findings.newerProgram = "the server is another file now"
        }
        return findings
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
                id, pid: pid, isAlive: isAlive(pid), isKeepers: false)
        }.sorted { isBefore($0.id, $1.id) }
    }

    func isAlive(_ pid: Int32) -> Bool { processes[pid].map { !$0.isOrphan } ?? false }

    func isBefore(_ left: WorkerID, _ right: WorkerID) -> Bool {
        (left.generation, left.index) < (right.generation, right.index)
    }

    /// A worker that waits in a call of bind(2) is found there by the next supervisor; one that was not
    /// seated joins again.
    private func askAgain() {
        guard conductor != nil else { return }
        for pid in processes.keys.sorted() {
            guard let process = processes[pid], !process.isOrphan else { continue }
            if process.call != nil {
                processes[pid]?.call = nil
                plan(.process(pid, .bind), within: 1_000)
            }
            if process.joins != nil,
                process.id.flatMap({ conductor?.service.workers[$0]?.pid }) != pid
            {
                processes[pid]?.joiner = nil
                unseat(pid)
                plan(.process(pid, .greet), within: 500_000)
            }
        }
    }

    // MARK: Death and end

    func killSupervisor(writing changes: [(PartKey, RecordPart?)]? = nil) {
        // With the keeper dead as well, and no service manager that keeps all descriptors, nobody would
        // have them: that double fault is no promise.
        guard conductor != nil, !recordIsBehind, somebodyHasAll else { return }
        crashes += 1
        note("the supervisor is killed")
        leaveBehind(writing: changes)
    }

    private func leaveBehind(writing changes: [(PartKey, RecordPart?)]? = nil) {
        file.endWriting(with: changes, cut: random.below(1001))
        otherDrops = 0
        conductor = nil
        incarnation += 1
        abandoned = []
        plannedTick = .max
        supervisorRunsAt = 0
        kernel.letGoOfAll(.supervisor)
        plan(.startSupervisor, within: 50_000)
    }

    func leave() {
        note("the supervisor leaves")
        writeWhatIsBehind()
        guard somebodyHasAll else { return }
        leaveBehind()
    }

    func reexec(_ asker: AskerID?) {
        guard somebodyHasAll else {
            if let asker { askers[asker]?.answers += 1 }
            return
        }
        note("the supervisor is replaced in place")
        writeWhatIsBehind()
        if let asker { askers[asker]?.answers += 1 }
        leaveBehind()
    }

    /// Who leaves on purpose writes first what could not be written before.
    private func writeWhatIsBehind() {
        if recordIsBehind { file.append([]) }
        recordIsBehind = false
    }

    /// The service is over.
    func end(_ service: Service) {
        note("the service has ended")
        ended = true
        finishHistory(service)
        endStrays([], service)
        let left = processes.values.filter { !$0.isOrphan && $0.id != nil }
        if !left.isEmpty { violate(.descriptors, "\(left.count) processes are left at the end") }
        // Sockets that a listener kept for later generations go with the keeper.
        for slot in service.banks.slotsInUse {
            if let inode = inode(slot) { _ = kernel.read(inode) }
            forget(.slot(slot))
        }
        for entry in service.store.entries { forget(.stored(entry.number)) }
        for number in service.programs.found.keys { forget(.program(number)) }
        let kept = (keeper?.kept.keys.map { "\($0)" } ?? []).sorted()
        if !kept.isEmpty { violate(.descriptors, "kept after the end: \(kept)") }
        for asker in askers.values
        where asker.isHeard && asker.answers == 0 && asker.incarnation == incarnation {
            violate(.answers, "\(asker.wish) was never answered, and the service has ended")
        }
        conductor = nil
        incarnation += 1
        kernel.letGoOfAll(.supervisor)
    }
}
