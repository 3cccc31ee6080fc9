import HandoverCore

/// What slots are bound or renewed for.
enum SlotPurpose: Hashable, Sendable {
    case bank(GenerationID)
    /// A worker is to be started on slots that another one had.
    case life(WorkerID)
    /// A worker binds more sockets than it has slots.
    case growth(CallID, WorkerID)
    /// A worker binds again what it has closed.
    case rebind(CallID, WorkerID)
}

/// Slots on their way, and what has become of them so far.
struct SlotWait: Sendable {
    /// Of a bank, as it will be.
    var bank: Bank
    /// So many of its workers were there before.
    let kept: Int
    /// Whose bank it was.
    let from: GenerationID?
    var grown: Slot?
    var rebound: SlotID?
    /// Not answered yet.
    var open: Set<SlotID> = []
    /// Newly bound; the others were idle.
    var bound: Set<SlotID> = []
    /// Their bind failed: there is nothing to give back.
    var missing: Set<SlotID> = []
    var lost = 0
    var fault: PortFault?

    /// The new slots that were idle before: until this has ended they are nobody else's.
    var borrowed: [Slot] {
        news.filter { !bound.contains($0.id) && !missing.contains($0.id) }
    }

    /// The new slots that were bound for this.
    var made: [Slot] { news.filter { bound.contains($0.id) } }

    private var news: [Slot] {
        bank.slots.dropFirst(kept).flatMap { $0.flatMap { $0 } } + (grown.map { [$0] } ?? [])
    }

    init(bank: Bank = Bank(slots: []), kept: Int = 0, from: GenerationID? = nil) {
        self.bank = bank
        self.kept = kept
        self.from = from
    }
}

extension SlotWait {
    /// One slot more for a worker, new or idle before.
    init(growing slot: Slot, isNew: Bool) {
        self.init()
        grown = slot
        open = [slot.id]
        if isNew { bound = [slot.id] }
    }

    init(rebinding id: SlotID) {
        self.init()
        open = [id]
        rebound = id
    }
}

/// What follows from a step of the banks.
enum BanksAnswer: Sendable {
    /// Something is still open; these come next.
    case waits([Verb])
    case prepared(GenerationID)
    /// The bank is there, and these slots of it are given back.
    case preparedAfter(GenerationID, [Verb])
    case bankFailed(GenerationID, PortFault, [Verb])
    /// A worker's slots are as fresh ones; so many datagrams were lost by that.
    case renewed(WorkerID, lost: Int)
    case cannotStart(WorkerID, PortFault)
    case grown(CallID, WorkerID, SlotID)
    /// A slot that its worker had closed is as a fresh one; so many datagrams were lost by that.
    case rebound(CallID, WorkerID, SlotID, lost: Int)
    case growthFailed(CallID, PortFault, [Verb])
    /// All slots of a generation were given back, with so many datagrams lost in them.
    case freed(GenerationID, lost: Int)
    case lost(GenerationID, Int)
}
