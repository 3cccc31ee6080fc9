import HandoverCore
import ServiceCore

/// Those who keep descriptors while the supervisor is dead.
extension World {
    func keep(_ name: KeptName, _ kept: SimulatedKeeper.Kept) {
        if keeper != nil {
            let former = keeper?.kept.updateValue(kept, forKey: name)
            hold(kept, .keeper, after: former)
        }
        if storeHolds { keepInStore(name, kept) }
    }

    /// Under one name one descriptor is kept.
    private func hold(
        _ kept: SimulatedKeeper.Kept, _ holder: Holder, after former: SimulatedKeeper.Kept?
    ) {
        guard case .socket(let inode) = kept else { return }
        kernel.hold(inode, holder)
        if case .socket(let old) = former, old != inode { kernel.letGo(old, holder) }
    }

    /// The service manager drops what is more than the unit may store, and says nothing.
    private func keepInStore(_ name: KeptName, _ kept: SimulatedKeeper.Kept) {
        guard store[name] != nil || store.count < scenario.storeRoom else {
            storeIsWhole = false
            return
        }
        hold(kept, .store, after: store.updateValue(kept, forKey: name))
    }

    /// Whether a supervisor that dies now leaves somebody who has all that it had.
    var somebodyHasAll: Bool { keeper != nil || storeHolds && storeIsWhole }

    func forget(_ name: KeptName) {
        if case .socket(let inode) = keeper?.kept.removeValue(forKey: name) {
            kernel.letGo(inode, .keeper)
        }
        if case .socket(let inode) = store.removeValue(forKey: name) { kernel.letGo(inode, .store) }
    }

    /// Puts what a worker has handed over into safety.
    func keepStored(_ numbers: [Int?]) {
        for number in numbers.compactMap({ $0 }) {
            if keeper?.kept[.stored(number)] != nil {
                violate(.descriptors, "stored.\(number) is kept already")
            }
            keep(.stored(number), .other)
        }
    }

    func useStore() {
        guard scenario.hasStore else { return }
        if fails() { return loseStore() }
        storeHolds = true
        storeIsWhole = true
        for (name, kept) in (keeper?.kept ?? [:]).sorted(by: { "\($0.key)" < "\($1.key)" })
        where store[name] == nil {
            keepInStore(name, kept)
        }
        // A busy service manager takes its time.
        handLater(.storeHeld, within: random.pick([2_000, 5_000_000]))
    }

    /// The service manager drops all that it has kept.
    func loseStore() {
        storeHolds = false
        for (_, kept) in store {
            if case .socket(let inode) = kept { kernel.letGo(inode, .store) }
        }
        store = [:]
        handLater(.storeLost(reason: "no answer"))
    }

    func killKeeper() {
        guard let dead = keeper, conductor != nil else { return }
        crashes += 1
        note("the keeper is killed")
        keeper = nil
        keeperDiedAt = time
        keeperIsMissing = true
        keeperRunsAt = 0
        // All that it has said is heard before its death, both being heard over its channel.
        let heardAt = min(keeperHeardAt, time + 1_010)
        // The next one says by its own channel what it has to say.
        keeperHeardAt = 0
        for kept in dead.kept.values {
            if case .socket(let inode) = kept { kernel.letGo(inode, .keeper) }
        }
        // It may have started what it was asked for without a chance to say so.
        for id in dead.orders.keys.sorted(by: {
            ($0.generation, $0.index) < ($1.generation, $1.index)
        })
        where random.oneIn(2) {
            if let order = dead.orders[id] { _ = startProcess(id, order) }
        }
        agenda.plan(
            .input(.keeperLost(pid: 1), for: incarnation),
            at: max(time + 1 + Int64(random.below(1_000)), heardAt))
    }

    func renewKeeper(_ starting: [WorkerID], _ service: Service) {
        keeperIsMissing = false
        endStrays(starting, service)
        if fails() {
            return hand(.keeperFailed(reason: "the keeper could not be started"))
        }
        lastNumber += 1
        keeper = SimulatedKeeper(number: lastNumber)
        fillKeeper(service)
        handLater(.keeperRenewed(pid: Int32(truncatingIfNeeded: lastNumber)), within: 1000)
    }

    /// Ends what a keeper has started without a chance to say so.
    func endStrays(_ starting: [WorkerID], _ service: Service) {
        let ids = abandoned.union(starting)
        abandoned = []
        for pid in processes.keys.sorted() {
            guard let id = processes[pid]?.id, ids.contains(id), processes[pid]?.joins == nil,
                service.workers[id]?.pid != pid
            else { continue }
            end(pid, .killed(signal: 9))
            // Its children have its environment, by which all of them are found.
            if let left = processes[pid] { letGo(left) }
        }
    }

    func fillKeeper(_ service: Service) {
        for slot in service.banks.slotsInUse {
            if let inode = inode(slot) { keep(.slot(slot), .socket(inode)) }
        }
        for entry in service.store.entries { keep(.stored(entry.number), .other) }
        for number in service.programs.found.keys { keep(.program(number), .other) }
        for (id, process) in service.workers.all where process.isRunning {
            keep(.worker(id, .process), .other)
        }
    }

    func letGo(_ id: WorkerID, _ service: Service) {
        // Not of one that lives: then it is of the one before it.
        if service.workers[id]?.isRunning != true {
            forget(.worker(id, .process))
            forget(.worker(id, .channel))
            keeper?.orders[id] = nil
        }
        if let child = keeper?.children[id], child.exit != nil { keeper?.children[id] = nil }
    }

    func keeperSpawns(_ id: WorkerID, _ number: Int) {
        guard keeper?.number == number, let order = keeper?.orders.removeValue(forKey: id) else {
            return
        }
        // A supervisor that is dead has its descriptors in the keeper's hands.
        let pid = startProcess(id, order)
        keeper?.children[id] = SimulatedKeeper.Child(pid: pid)
        keep(.worker(id, .process), .other)
        keeperTells(.workerSpawned(id, pid: pid, answersBinds: true))
    }

    /// What the keeper says comes in the order in which it says it, and not while it hangs.
    func keeperTells(_ input: Input) {
        let said = max(time, keeperRunsAt)
        keeperHeardAt = max(keeperHeardAt, said + Int64(10 + random.below(1_000)))
        agenda.plan(
            .keeperSays(input, keeper: keeper?.number ?? 0, at: said, for: incarnation),
            at: keeperHeardAt)
    }
}
