import HandoverCore
import ServiceCore

/// A datagram that waits.
struct SimulatedDatagram {
    let flow: Int
    /// Which one it is of all that have come.
    let number: Int
}

/// A socket as the kernel has it: it lives as long as somebody holds it.
struct SimulatedSocket {
    let slot: SlotID
    var queue: [SimulatedDatagram] = []
    /// How many datagrams its buffer had no room for.
    var drops = 0
    var isShutDown = false
    /// Whether it was connected, and has left its group.
    var hasPeer = false
    /// Whether SO_REUSEPORT is off, so that all that comes goes to it.
    var isAlone = false
    var supervisor = false
    var keeper = false
    var store = false
    var processes: [Int32] = []

    var isHeld: Bool { supervisor || keeper || store || !processes.isEmpty }
}

/// Who has a descriptor.
enum Holder {
    case supervisor, keeper, store
    case process(Int32)
}

/// One listener's reuseport group with its steering, which outlives the supervisor.
struct SimulatedGroup {
    static let capacity = 64
    /// The socket of each slot; 0 is none.
    var sockets = [UInt64](repeating: 0, count: capacity)
    /// The worker that each slot was lent to last.
    var users = [WorkerID?](repeating: nil, count: capacity)
    /// The slots that new flows go to.
    var choice: [Int] = []
    /// Where new flows of some of the clients go instead.
    var canary: [Int] = []
    /// Those clients.
    var canaryClients: CanaryClients?
    /// The slot that each flow is pinned to.
    var pins: [Int: Int] = [:]
    /// Whether no generation has anybody to choose: what comes is for who was chosen last.
    var isDeserted = false
    /// How many datagrams have come meanwhile to slots that nobody read, by slot.
    var nobodys: [Int: Int] = [:]
    /// Whether another program than ours chooses.
    var isForeign = false
    /// Sockets of somebody else.
    var strangers: [UInt64] = []
    /// Whether its address can be bound.
    var addressIsThere = true

    /// Whether a flow's client is one of the canary's; a client's flows differ by thousands.
    func isCanarys(_ flow: Int) -> Bool {
        guard let canaryClients else { return false }
        let client = flow % 1000
        // Every eighth client is of the network.
        if !canaryClients.networks.isEmpty, client % 8 == 0 { return true }
        let share = canaryClients.share?.millionths ?? 0
        return UInt64(client) &* 0x9E37_79B9_7F4A_7C15 % 1_000_000 < UInt64(share)
    }

    mutating func unpin(_ slot: Int) { pins = pins.filter { $0.value != slot } }

    /// Nobody has a slot any more.
    mutating func giveBack(_ slot: Int) {
        users[slot] = nil
        nobodys[slot] = nil
    }
}

/// The kernel's side of the world: sockets, groups, queues.
struct SimulatedKernel {
    /// Datagrams that a socket has room for.
    static let room = 64

    private(set) var sockets: [UInt64: SimulatedSocket] = [:]
    var groups: [SimulatedGroup]
    private var lastInode: UInt64 = 1000
    private var datagrams = 0
    /// The first socket that was closed with something in its queue, nobody knowing.
    private(set) var lostSilently: (count: Int, inode: UInt64, slot: SlotID)?
    /// Datagrams for which the group had no socket, by listener.
    private(set) var refused: [Int: Int] = [:]

    init(listeners: Int) { groups = (0..<listeners).map { _ in SimulatedGroup() } }

    /// The sockets that live on, in groups of another service.
    init(after former: SimulatedKernel, listeners: Int) {
        self.init(listeners: listeners)
        lastInode = former.lastInode
        datagrams = former.datagrams
        sockets = former.sockets
    }

    mutating func bind(_ slot: SlotID) -> UInt64 {
        lastInode += 1
        var socket = SimulatedSocket(slot: slot)
        socket.supervisor = true
        sockets[lastInode] = socket
        groups[slot.listener].sockets[slot.number] = lastInode
        return lastInode
    }

    mutating func hold(_ inode: UInt64, _ holder: Holder) {
        switch holder {
        case .supervisor: sockets[inode]?.supervisor = true
        case .keeper: sockets[inode]?.keeper = true
        case .store: sockets[inode]?.store = true
        case .process(let pid):
            if sockets[inode]?.processes.contains(pid) == false {
                sockets[inode]?.processes.append(pid)
            }
        }
    }

    mutating func letGo(_ inode: UInt64, _ holder: Holder) {
        switch holder {
        case .supervisor: sockets[inode]?.supervisor = false
        case .keeper: sockets[inode]?.keeper = false
        case .store: sockets[inode]?.store = false
        case .process(let pid): sockets[inode]?.processes.removeAll { $0 == pid }
        }
        if let socket = sockets[inode], !socket.isHeld { close(inode, socket) }
    }

    private mutating func close(_ inode: UInt64, _ socket: SimulatedSocket) {
        // A session's own socket goes with its worker.
        if !socket.hasPeer, !socket.queue.isEmpty, lostSilently == nil {
            lostSilently = (socket.queue.count, inode, socket.slot)
        }
        sockets[inode] = nil
        let slot = socket.slot
        if groups.indices.contains(slot.listener),
            groups[slot.listener].sockets[slot.number] == inode
        {
            groups[slot.listener].sockets[slot.number] = 0
        }
    }

    /// A process, or the supervisor, is gone with all that it had.
    mutating func letGoOfAll(_ holder: Holder) {
        for inode in sockets.keys.sorted() { letGo(inode, holder) }
    }

    /// The socket in a slot.
    func inode(_ slot: SlotID) -> UInt64? {
        guard groups.indices.contains(slot.listener) else { return nil }
        let inode = groups[slot.listener].sockets[slot.number]
        return inode == 0 ? nil : inode
    }

    mutating func leaveGroup(_ slot: SlotID) { groups[slot.listener].sockets[slot.number] = 0 }

    mutating func enterGroup(_ slot: SlotID, _ inode: UInt64) {
        groups[slot.listener].sockets[slot.number] = inode
    }

    func queueIsEmpty(_ inode: UInt64) -> Bool { sockets[inode]?.queue.isEmpty ?? true }

    /// A datagram of a flow arrives.
    ///
    /// - Returns: the socket that it came to, and the slot where the flow is a new one.
    mutating func arrive(flow: Int, at listener: Int) -> (inode: UInt64?, newAt: Int?) {
        var slot = groups[listener].pins[flow]
        if let pinned = slot, !isReached(pinned, at: listener) { slot = nil }
        var newAt: Int?
        if slot == nil {
            let all = groups[listener].choice
            guard !all.isEmpty else {
                refused[listener, default: 0] += 1
                return (nil, nil)
            }
            let reached = all.filter { isReached($0, at: listener) || isEmpty($0, at: listener) }
            // Without one that is in the group nobody hears it, with Relevo or without.
            guard !reached.isEmpty else { return (nil, nil) }
            let theirs =
                groups[listener].isCanarys(flow)
                ? groups[listener].canary.filter { isReached($0, at: listener) } : []
            let choice = theirs.isEmpty ? reached : theirs
            newAt = choice[flow % choice.count]
            slot = newAt
            groups[listener].pins[flow] = slot
        }
        guard let slot else { return (nil, nil) }
        let inode = groups[listener].sockets[slot]
        guard inode != 0 else {
            refused[listener, default: 0] += 1
            return (nil, newAt)
        }
        if sockets[inode]?.queue.count ?? 0 < Self.room {
            datagrams += 1
            if groups[listener].isDeserted, sockets[inode]?.processes.isEmpty == true {
                groups[listener].nobodys[slot, default: 0] += 1
            }
            sockets[inode]?.queue.append(SimulatedDatagram(flow: flow, number: datagrams))
        } else {
            sockets[inode]?.drops += 1
        }
        return (inode, newAt)
    }

    /// Whether a slot's socket is in the group.
    private func isReached(_ slot: Int, at listener: Int) -> Bool {
        let inode = groups[listener].sockets[slot]
        return inode != 0 && sockets[inode]?.hasPeer != true
    }

    private func isEmpty(_ slot: Int, at listener: Int) -> Bool {
        groups[listener].sockets[slot] == 0
    }

    mutating func connect(_ inode: UInt64) { sockets[inode]?.hasPeer = true }

    mutating func standAlone(_ inode: UInt64, _ isAlone: Bool) { sockets[inode]?.isAlone = isAlone }

    /// A process reads all that is there.
    mutating func read(_ inode: UInt64) -> [SimulatedDatagram] {
        let queue = sockets[inode]?.queue ?? []
        if !queue.isEmpty { sockets[inode]?.queue = [] }
        return queue
    }

    mutating func shutDown(_ inode: UInt64) { sockets[inode]?.isShutDown = true }
}
