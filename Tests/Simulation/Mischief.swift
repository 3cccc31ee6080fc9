import HandoverCore
import ServiceCore

/// What a worker, or somebody of its user, does to what it was lent, and when.
struct PlannedMischief: Sendable {
    enum Kind: CaseIterable, Sendable {
        /// Another program steers the group, or none; nobody is asked.
        case replacesProgram
        /// A slot's socket is connected to one peer, which takes it out of its group.
        case connects
        case shutsDown
        /// SO_REUSEPORT is off: all that comes goes to that socket.
        case standsAlone
        /// A socket of somebody else joins the group.
        case joinsGroup
    }

    let at: Int
    let kind: Kind

    /// Of its own dice, so that it changes nothing else of a seed.
    static func plan(_ seed: UInt64, until end: Int) -> [PlannedMischief] {
        var random = SeededRandom(seed: seed ^ 0x0DD5)
        guard random.oneIn(3) else { return [] }
        return (0..<1 + random.below(4)).map { _ in
            PlannedMischief(at: random.below(max(end, 1)), kind: random.pick(Kind.allCases))
        }
    }
}

/// What was done, until it is in order or told.
struct Mischief {
    struct Deed {
        let kind: PlannedMischief.Kind
        let slot: SlotID
        let inode: UInt64
        let pid: Int32
        let at: Int64
    }

    var random: SeededRandom
    var deeds: [Deed] = []
    /// Since when the supervisor of now has run, and all else with it.
    var incarnation = 0
    var runsSince: Int64 = 0
    /// Processes whose flows may go elsewhere: they have sent them away.
    var culprits: Set<Int32> = []
}

extension World {
    /// Has some worker that serves do it.
    func commit(_ kind: PlannedMischief.Kind) {
        guard !isCalm, conductor != nil else { return }
        let pids = processes.values.filter {
            $0.takes && !$0.hangs && !$0.isEnding && !$0.isOrphan && $0.id != nil
                && !$0.sockets.isEmpty
        }.map(\.pid).sorted()
        guard !pids.isEmpty, let process = processes[mischief.random.pick(pids)] else { return }
        let lent = process.sockets.sorted { $0.key < $1.key }.filter {
            kernel.inode($0.key) == $0.value
        }
        guard !lent.isEmpty else { return }
        let (slot, inode) = mischief.random.pick(lent)
        // What has been done to a socket already is told already, or about to be: that it is done again is no news.
        let socket = kernel.sockets[inode]
        switch kind {
        case .connects: if socket?.isShutDown == true || socket?.hasPeer == true { return }
        case .shutsDown: if socket?.isShutDown == true { return }
        case .replacesProgram, .standsAlone, .joinsGroup: break
        }
        // What is in order by now does not count as never mended because it is done again.
        mischief.deeds.removeAll { isInOrder($0) }
        note("process \(process.pid) does what it should not: \(kind) at slot \(slot)")
        switch kind {
        case .replacesProgram: kernel.groups[slot.listener].isForeign = true
        case .connects: kernel.connect(inode)
        case .shutsDown: kernel.shutDown(inode)
        case .standsAlone: kernel.standAlone(inode, true)
        case .joinsGroup:
            lastNumber += 1
            kernel.groups[slot.listener].strangers.append(UInt64(1_000_000 + lastNumber))
        }
        switch kind {
        case .connects, .shutsDown:
            mischief.culprits.insert(process.pid)
            if let id = process.id { unsound.insert(id) }
            // What a server has bound by its own choice of address it uses as it likes, as it would alone.
            let listeners = conductor?.service.banks.listeners ?? []
            if listeners.indices.contains(slot.listener), listeners[slot.listener].isServersChoice {
                return
            }
        case .replacesProgram, .standsAlone, .joinsGroup: break
        }
        mischief.deeds.append(
            Mischief.Deed(kind: kind, slot: slot, inode: inode, pid: process.pid, at: time))
    }

    /// Nothing has run for a while, the supervisor neither.
    func ranNot() { mischief.runsSince = max(mischief.runsSince, time, supervisorRunsAt) }

    /// Whether what comes to a listener goes past the program that steers: nobody can say where.
    func isDisturbed(_ listener: Int) -> Bool {
        kernel.groups[listener].isForeign
            || mischief.deeds.contains {
                $0.kind == .standsAlone && $0.slot.listener == listener && !isInOrder($0)
            }
    }

    /// What an administrator is told of.
    func wasTold(_ text: String) {
        mischief.deeds.removeAll { deed in
            switch deed.kind {
            // One that is shut down as well is told as that, which is worse.
            case .connects:
                text.contains("has connected the socket of slot \(deed.slot.number)")
                    || text.contains("has shut the socket of slot \(deed.slot.number)")
            case .shutsDown: text.contains("has shut the socket of slot \(deed.slot.number)")
            case .joinsGroup: text.contains("shares the address")
            case .replacesProgram, .standsAlone: false
            }
        }
    }

    private func isInOrder(_ deed: Mischief.Deed) -> Bool {
        switch deed.kind {
        case .replacesProgram: !kernel.groups[deed.slot.listener].isForeign
        // One that was left to its worker hears nothing, or its peer alone.
        case .standsAlone:
            kernel.sockets[deed.inode]?.isAlone != true || kernel.inode(deed.slot) != deed.inode
        case .connects, .shutsDown:
            kernel.inode(deed.slot) != deed.inode || !isAlive(deed.pid)
                || processes[deed.pid]?.isEnding == true
        case .joinsGroup: kernel.groups[deed.slot.listener].strangers.isEmpty
        }
    }

    /// **What is not as it ought to be is in order, or told, within the time between two looks**: ten
    /// seconds at rest, and one more where it has to be seen twice. Time in which nothing ran counts for
    /// nobody: the supervisor looks as soon as it runs again.
    func checkMischief() {
        guard !mischief.deeds.isEmpty else { return }
        mischief.deeds.removeAll { isInOrder($0) }
        guard let service = conductor?.service else { return }
        if mischief.incarnation != incarnation || supervisorRunsAt > time {
            mischief.incarnation = incarnation
            mischief.runsSince = max(time, supervisorRunsAt)
        }
        guard case .running = service.machine.service else { return }
        for deed in mischief.deeds {
            let limit: Int64 = 12
            if time - max(deed.at, mischief.runsSince) > limit * 1_000_000 {
                violate(
                    .promise7,
                    "\(deed.kind) at slot \(deed.slot), and \(limit) s later it is neither in order nor told"
                )
            }
        }
    }
}
