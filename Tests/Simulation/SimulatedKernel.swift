import HandoverCore
import ServiceCore

/// A socket as the kernel has it: it lives as long as somebody holds it.
struct SimulatedSocket {
    let slot: SlotID
    var queue: [Int] = []
    /// How many datagrams its buffer had no room for.
    var drops = 0
    var isShutDown = false
    var holders: Set<Holder> = []
}

/// Who has a descriptor.
enum Holder: Hashable {
    case supervisor, keeper, store
    case process(Int32)
}

/// One listener's reuseport group with its steering, which outlives the supervisor.
struct SimulatedGroup {
    /// The socket of each slot.
    var sockets: [Int: UInt64] = [:]
    /// The slots that new flows go to.
    var choice: [Int] = []
    /// The slot that each flow is pinned to.
    var pins: [Int: Int] = [:]
}

/// The kernel's side of the world: sockets, groups, queues.
struct SimulatedKernel {
    /// Datagrams that a socket has room for.
    static let room = 64

    private(set) var sockets: [UInt64: SimulatedSocket] = [:]
    var groups: [SimulatedGroup]
    private var lastInode: UInt64 = 1000
    /// Datagrams lost with a socket that was closed with something in its queue, nobody knowing.
    private(set) var lostSilently = 0
    /// Datagrams for which the group had no socket.
    private(set) var refused = 0

    init(listeners: Int) { groups = (0..<listeners).map { _ in SimulatedGroup() } }

    /// The sockets that live on, in groups of another service.
    init(after former: SimulatedKernel) {
        self.init(listeners: former.groups.count)
        lastInode = former.lastInode
        sockets = former.sockets
    }

    mutating func bind(_ slot: SlotID) -> UInt64 {
        lastInode += 1
        sockets[lastInode] = SimulatedSocket(slot: slot, holders: [.supervisor])
        groups[slot.listener].sockets[slot.number] = lastInode
        return lastInode
    }

    mutating func hold(_ inode: UInt64, _ holder: Holder) {
        sockets[inode]?.holders.insert(holder)
    }

    mutating func letGo(_ inode: UInt64, _ holder: Holder) {
        guard var socket = sockets[inode] else { return }
        socket.holders.remove(holder)
        if socket.holders.isEmpty {
            lostSilently += socket.queue.count
            sockets[inode] = nil
            let group = groups[socket.slot.listener]
            if group.sockets[socket.slot.number] == inode {
                groups[socket.slot.listener].sockets[socket.slot.number] = nil
            }
        } else {
            sockets[inode] = socket
        }
    }

    /// A process, or the supervisor, is gone with all that it had.
    mutating func letGoOfAll(_ holder: Holder) {
        for (inode, socket) in sockets where socket.holders.contains(holder) {
            letGo(inode, holder)
        }
    }

    func isHeld(_ inode: UInt64, by holder: Holder) -> Bool {
        sockets[inode]?.holders.contains(holder) ?? false
    }

    func queue(_ inode: UInt64) -> [Int] { sockets[inode]?.queue ?? [] }

    /// A datagram of a flow arrives.
    mutating func arrive(flow: Int, at listener: Int) {
        var slot = groups[listener].pins[flow]
        if let pinned = slot, groups[listener].sockets[pinned] == nil { slot = nil }
        if slot == nil {
            let choice = groups[listener].choice
            guard !choice.isEmpty else {
                if !groups[listener].sockets.isEmpty { refused += 1 }
                return
            }
            slot = choice[flow % choice.count]
            groups[listener].pins[flow] = slot
        }
        guard let slot, let inode = groups[listener].sockets[slot], sockets[inode] != nil else {
            refused += 1
            return
        }
        if sockets[inode]?.queue.count ?? 0 < Self.room {
            sockets[inode]?.queue.append(flow)
        } else {
            sockets[inode]?.drops += 1
        }
    }

    /// A process reads all that is there.
    mutating func read(_ inode: UInt64) -> [Int] {
        let queue = queue(inode)
        sockets[inode]?.queue = []
        return queue
    }

    mutating func shutDown(_ inode: UInt64) { sockets[inode]?.isShutDown = true }

    /// Reads a queue away.
    mutating func discard(_ inode: UInt64) -> Int {
        let count = queue(inode).count
        sockets[inode]?.queue = []
        return count
    }
}
