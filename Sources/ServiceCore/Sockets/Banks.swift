import HandoverCore

/// Who uses which slot: the owner of the listeners' slot numbers and of the generations' banks.
///
/// It decides which sockets are bound, renewed, kept and closed. A number is in use while a bank has it, or it
/// is idle or being bound.
package struct Banks: Sendable {
    var shapes: ListenerShapes
    private(set) var banks: [GenerationID: Bank] = [:]
    /// Free slots whose sockets stay, by listener, ascending.
    private(set) var idle: IdleSlots
    private(set) var losses: SlotLosses
    /// What is being bound or renewed.
    private(set) var waits = SlotWaits()
    private var changedWorkers: Set<WorkerID> = []

    /// - Parameter sockets: those that are there already, free, the ones to be used first in front.
    package init(listeners: [ListenerShape], sockets: [(SlotID, BoundSocket)] = []) {
        shapes = ListenerShapes(listeners)
        idle = IdleSlots(
            listeners.indices.map { listener in
                sockets.filter { $0.0.listener == listener }.map {
                    Slot($0.0, $0.1, isFresh: false)
                }
            })
        losses = SlotLosses(listeners.map { _ in 0 })
    }

    /// What has to be written down again; it is not told a second time.
    mutating func takeChanged() -> (workers: Set<WorkerID>, listeners: Set<Int>) {
        defer { changedWorkers = [] }
        return (changedWorkers, shapes.takeChanged())
    }

    /// Goes on with what a predecessor has written down.
    init(
        resuming parts: [RecordPart.ListenerPart], banks: [GenerationID: Bank]
    ) {
        shapes = ListenerShapes(parts.map(\.shape))
        idle = IdleSlots(parts.map(\.idle))
        losses = SlotLosses(parts.map(\.lostAtClosed))
        self.banks = banks
        for generation in banks.keys { noteChanged(generation) }
    }

    /// Drops idle slots whose sockets were not kept.
    mutating func keepIdle(_ isThere: (Slot) -> Bool) {
        shapes.note(idle.keep(isThere))
    }

    private mutating func noteChanged(_ generation: GenerationID) {
        let workers = banks[generation]?.slots.indices ?? 0..<0
        changedWorkers.formUnion(workers.map { WorkerID(generation, $0) })
    }

    /// Makes the slots of a new generation.
    ///
    /// - Parameter unasked: listeners at which it has no slots until a worker binds there.
    mutating func prepare(
        _ generation: GenerationID, workers: Int, leavingOut unasked: Set<Int> = []
    ) -> BanksAnswer {
        banks[generation] != nil
            ? .prepared(generation)
            : make(generation, workers, base: Bank(slots: []), from: nil, leavingOut: unasked)
    }

    /// Hands the bank of a generation that has ended to the next one, the queues untouched.
    mutating func inherit(
        _ generation: GenerationID, workers: Int, from former: GenerationID
    ) -> BanksAnswer {
        guard let base = banks[former] else {
            let fault = PortFault("generation \(former) has no bank")
            return banks[generation] == nil
                ? .bankFailed(generation, fault, []) : .prepared(generation)
        }
        return make(generation, workers, base: base, from: former)
    }

    private mutating func make(
        _ generation: GenerationID, _ workers: Int, base: Bank, from former: GenerationID?,
        leavingOut unasked: Set<Int> = []
    ) -> BanksAnswer {
        let kept = min(workers, base.slots.count)
        var wait = SlotWait(
            bank: Bank(slots: Array(base.slots.prefix(kept))), kept: kept, from: former)
        for _ in kept..<workers { wait.bank.slots.append(listeners.map { _ in [] }) }
        var verbs: [Verb] = []
        for listener in listeners.indices {
            let isAsked = !unasked.contains(listener) && !listeners[listener].isWithdrawn
            let perWorker = isAsked ? listeners[listener].socketsPerWorker : 0
            guard let numbers = freeNumbers((workers - kept) * perWorker, at: listener) else {
                return abandon(wait, generation, at: listener)
            }
            for (index, number) in numbers.enumerated() {
                let id = SlotID(listener: listener, number: number)
                let worker = kept + index / perWorker
                let resting = takeIdle(id)
                let slot = resting ?? Slot(id, BoundSocket(inode: 0))
                wait.bank.slots[worker][listener].append(slot)
                verbs.append(resting == nil ? .bind(id) : .renew(id, afterWorker: true))
                wait.open.insert(id)
                if resting == nil { wait.bound.insert(id) }
            }
        }
        return begin(.bank(generation), wait, verbs)
    }

    private mutating func begin(
        _ purpose: SlotPurpose, _ wait: SlotWait, _ verbs: [Verb]
    ) -> BanksAnswer {
        waits.begin(purpose, wait)
        return wait.open.isEmpty ? finish(purpose) : .waits(verbs)
    }

    /// A listener has not enough slots for the new workers: what was set aside is free again.
    private mutating func abandon(
        _ wait: SlotWait, _ generation: GenerationID, at listener: Int
    ) -> BanksAnswer {
        for slot in wait.borrowed { rest(slot) }
        return .bankFailed(generation, listeners[listener].shortage, [])
    }

    private mutating func takeIdle(_ id: SlotID) -> Slot? {
        guard let slot = idle.take(id) else { return nil }
        shapes.note(id.listener)
        return slot
    }

    private mutating func rest(_ slot: Slot) {
        shapes.note(slot.id.listener)
        idle.put(slot)
    }

    /// Renews the slots of a worker that is gone, for the next one.
    mutating func renew(_ worker: WorkerID) -> BanksAnswer {
        var wait = SlotWait()
        var verbs: [Verb] = []
        for slots in slots(of: worker) {
            for slot in slots where !slot.isFresh {
                if let lost = waits.take(slot.id) {
                    // Asked for already, for a worker that was not started after all.
                    wait.lost += lost
                } else {
                    verbs.append(.renew(slot.id, afterWorker: true))
                }
                wait.open.insert(slot.id)
            }
        }
        return begin(.life(worker), wait, verbs)
    }

    /// Notes that a worker is given its slots: what it does with them is not known any more.
    mutating func lend(_ worker: WorkerID) {
        change(worker) {
            $0.beginLife()
            $0.isFresh = false
        }
    }

    /// Notes that nobody knows what was done with a slot's socket.
    mutating func mustBeRenewed(_ id: SlotID) { change(id) { $0.isFresh = false } }

    /// Nobody is known to wait on the slots until the next worker.
    mutating func worker(isGone worker: WorkerID) { change(worker) { $0.beginLife() } }

    /// Adds a slot for a worker at a listener where it has none free.
    mutating func grow(_ worker: WorkerID, at listener: Int, for call: CallID) -> BanksAnswer {
        guard let number = freeNumbers(1, at: listener)?.first else {
            return .growthFailed(call, listeners[listener].shortage, [])
        }
        let id = SlotID(listener: listener, number: number)
        let kept = takeIdle(id)
        let wait = SlotWait(growing: kept ?? Slot(id, BoundSocket(inode: 0)), isNew: kept == nil)
        let verb = kept == nil ? Verb.bind(id) : .renew(id, afterWorker: true)
        return begin(.growth(call, worker), wait, [verb])
    }

    /// Renews a slot that its worker has closed and binds again.
    mutating func renew(_ id: SlotID, of worker: WorkerID, for call: CallID) -> BanksAnswer {
        guard waits.purpose(of: id) == nil else {
            return .growthFailed(call, PortFault("slot \(id) is being renewed"), [])
        }
        return begin(
            .rebind(call, worker), SlotWait(rebinding: id), [.renew(id, afterWorker: false)])
    }

    mutating func add(_ listener: ListenerShape) {
        shapes.add(listener)
        idle.addListener()
        losses.addListener()
        for generation in banks.keys {
            banks[generation]?.addListener()
            noteChanged(generation)
        }
        waits.addListener()
    }

    /// Another listener has the number of one that nobody has any more.
    mutating func replace(_ number: Int, by shape: ListenerShape) {
        losses.begin(number)
        shapes.replace(number, by: shape)
    }

    /// Gives all slots of a listener back that nobody serves any more.
    mutating func drop(_ listener: Int) -> [Verb] {
        var slots = idle.takeAll(at: listener)
        for generation in banks.keys {
            noteChanged(generation)
            slots += banks[generation]?.takeAll(at: listener) ?? []
        }
        shapes.isNotAsked(listener)
        return slots.sorted { $0.id > $1.id }.map {
            .duty(.release($0.id, of: nil, dropsBefore: $0.dropsBefore))
        }
    }

    /// A socket is bound, or renewed.
    mutating func bound(_ id: SlotID, _ socket: BoundSocket) -> BanksAnswer {
        guard let purpose = waits.purpose(of: id), var wait = waits[purpose] else {
            if replace(id, socket) { return .waits([]) }
            // Nobody wants it any more.
            return .waits([.duty(.release(id, of: nil, dropsBefore: 0))])
        }
        wait.lost += socket.lost
        shapes.note(id.listener)
        switch purpose {
        case .bank: wait.bank.put(Slot(id, socket))
        case .life, .rebind:
            // Its bank may be the next generation's by now.
            change(id) { slot in
                slot.inode = socket.inode
                slot.beginLife()
                // In answer to bind(2) it is the worker's from here on.
                if case .life = purpose { slot.isFresh = true }
            }
        case .growth: wait.grown = Slot(id, socket, isFresh: false)
        }
        return settle(id, purpose, wait)
    }

    /// Another socket has taken the place of one in use; false where nobody uses that slot. What is
    /// under way for it goes on.
    mutating func replace(_ id: SlotID, _ socket: BoundSocket, isFresh: Bool = false) -> Bool {
        if change(id, { $0.become(socket, isFresh: isFresh) }) { return true }
        guard idle.replace(id, socket.inode) else { return false }
        shapes.note(id.listener)
        return true
    }

    mutating func failed(_ id: SlotID, _ fault: PortFault) -> BanksAnswer {
        guard let purpose = waits.purpose(of: id), var wait = waits[purpose] else {
            return .waits([])
        }
        wait.fault = wait.fault ?? fault
        // A renewal that fails leaves the socket as it was.
        if wait.bound.remove(id) != nil { wait.missing.insert(id) }
        return settle(id, purpose, wait)
    }

    private mutating func settle(
        _ id: SlotID, _ purpose: SlotPurpose, _ wait: SlotWait
    ) -> BanksAnswer {
        waits.settle(id, purpose, wait) ? finish(purpose) : .waits([])
    }

    private mutating func finish(_ purpose: SlotPurpose) -> BanksAnswer {
        guard let (wait, ids) = waits.end(purpose) else { return .waits([]) }
        shapes.note(ids.map(\.listener))
        switch purpose {
        case .bank(let generation): return finish(generation, wait)
        case .life(let worker):
            return wait.fault.map { .cannotStart(worker, $0) }
                ?? .renewed(worker, lost: wait.lost)
        case .rebind(let call, let worker):
            guard let id = wait.rebound, wait.fault == nil else {
                return .growthFailed(call, wait.fault ?? PortFault("no slot"), [])
            }
            return .rebound(call, worker, id, lost: wait.lost)
        case .growth(let call, let worker):
            guard let slot = wait.grown, wait.fault == nil else {
                for slot in wait.borrowed { rest(slot) }
                return .growthFailed(call, wait.fault ?? PortFault("no slot"), [])
            }
            guard banks[worker.generation]?.slots.indices.contains(worker.index) == true else {
                let fault = PortFault("worker \(worker) is gone")
                return .growthFailed(call, fault, release([slot], of: nil))
            }
            let listener = slot.id.listener
            banks[worker.generation]?.slots[worker.index][listener].append(slot)
            shapes.isToHave(slots(of: worker)[listener].count, at: listener)
            changedWorkers.insert(worker)
            return .grown(call, worker, slot.id)
        }
    }

    private mutating func finish(_ generation: GenerationID, _ wait: SlotWait) -> BanksAnswer {
        if let fault = wait.fault {
            // What was there before stays as it was, with what waits in its queue.
            for slot in wait.borrowed { rest(slot) }
            return .bankFailed(generation, fault, release(wait.made, of: nil))
        }
        var verbs: [Verb] = []
        var bank = wait.bank
        if let former = wait.from {
            noteChanged(former)
            // As they are now: one may have got another socket meanwhile.
            let surplus = bank.inherit(wait.kept, from: banks.removeValue(forKey: former))
            verbs = release(surplus, of: generation)
        }
        banks[generation] = bank
        noteChanged(generation)
        return verbs.isEmpty ? .prepared(generation) : .preparedAfter(generation, verbs)
    }

    /// Ends the slots of a generation that has no process left. Answered by `bankFreed`.
    ///
    /// - Parameter hasFailed: it never served; what waits in a socket that stays is for the next one.
    mutating func free(_ generation: GenerationID, hasFailed: Bool) -> BanksAnswer {
        noteChanged(generation)
        let slots = banks.removeValue(forKey: generation)?.all ?? []
        let verbs = release(slots, of: generation, hasFailed: hasFailed)
        if !verbs.isEmpty { losses.free(generation, slots: verbs.count) }
        return verbs.isEmpty ? .freed(generation, lost: 0) : .waits(verbs)
    }

    /// Closes slots, the last one first, or keeps their sockets where they cannot be bound again alike.
    private mutating func release(
        _ slots: [Slot], of generation: GenerationID?, hasFailed: Bool = false
    ) -> [Verb] {
        // Listeners adopted from a generation that never became current are not asked of the next one.
        for listener in listeners.indices where isDormant(listener) {
            shapes.isNotAsked(listener)
        }
        return slots.sorted { $0.id > $1.id }.compactMap { slot in
            guard listeners[slot.id.listener].keeps(slot.id) else {
                return .duty(
                    .release(slot.id, of: generation, dropsBefore: slot.dropsBefore))
            }
            rest(slot)
            if hasFailed { return nil }
            return .duty(.park(slot.id, of: generation, dropsBefore: slot.dropsBefore))
        }
    }

    /// A slot was given back.
    mutating func released(
        _ id: SlotID, of generation: GenerationID?, lost: Int, total: Int
    ) -> BanksAnswer {
        losses.add(total, at: id.listener)
        if total > 0 { shapes.note(id.listener) }
        return generation.map { losses.released(of: $0, lost: lost) } ?? .waits([])
    }

    /// Notes that a worker took a slot; false where that was known.
    mutating func taken(_ id: SlotID, by worker: WorkerID) -> Bool {
        var isNews = false
        change(worker) { slot in
            guard slot.id == id, !slot.isTaken else { return }
            slot.isTaken = true
            isNews = true
        }
        return isNews
    }

    /// Notes that a worker was given a slot in answer to bind(2).
    mutating func bound(
        _ id: SlotID, by worker: WorkerID, for every: SocketPlace?, at now: Instant
    ) { change(worker) { if $0.id == id { $0.isBound(for: every, at: now) } } }

    /// Changes a slot of whatever bank has it; false where none has.
    @discardableResult
    private mutating func change(_ id: SlotID, _ body: (inout Slot) -> Void) -> Bool {
        for generation in banks.keys {
            guard let worker = banks[generation]?.worker(of: id) else { continue }
            change(WorkerID(generation, worker)) { if $0.id == id { body(&$0) } }
            return true
        }
        return false
    }

    private mutating func change(_ worker: WorkerID, _ body: (inout Slot) -> Void) {
        guard banks[worker.generation]?.slots.indices.contains(worker.index) == true else { return }
        changedWorkers.insert(worker)
        banks[worker.generation]?.change(worker.index, body)
    }
}
