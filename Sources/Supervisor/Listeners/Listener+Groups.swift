import Kernel
import ServiceCore
import Settings
import Steering

extension Listener {
    /// Whether what is sent to groups of hosts, by multicast or broadcast, can come to its sockets: the kernel gives a
    /// copy to every socket that matches, and asks no program of steering.
    private var hearsGroups: Bool { !settings.isStream && address.hearsGroups }

    /// Loads the filter that keeps it from sockets which are not to hear it, where that can be had.
    ///
    /// - Parameter kept: gives what a predecessor has kept of it.
    /// - Returns: whether it is new.
    @discardableResult
    func prepareForGroups(
        _ kept: (GroupFilter.Part) -> OwnedDescriptor? = { _ in nil }
    ) -> Bool {
        guard hearsGroups, steering.setup.machine == .best, groups == nil else { return false }
        groups = GroupFilter(resuming: kept)
        guard groups == nil else { return false }
        groups = try? GroupFilter()
        keepGroups()
        return groups != nil
    }

    func keepGroups(in place: (any VaultPlace)? = nil) {
        groups?.withDescriptors { part, descriptor in
            vault.keep(descriptor, as: .steering(listener: number, part: part.rawValue), in: place)
        }
    }

    /// How a socket is told from the others; it may be unbound yet.
    ///
    /// - Parameter slot: where it is to be: it hears what the one that is there does. Where nothing was chosen yet
    ///   all hear.
    func hearing(
        of socket: borrowing some DescriptorHolder & ~Copyable, at slot: Int
    ) -> GroupHearing {
        guard hearsGroups, let groups, let cookie = try? socket.socketCookie() else { return .all }
        var hears = false
        if case .counted(_, let before) = slots[slot]?.hearing { hears = groups.hears(before) }
        guard (try? groups.join(socket, hearing: hears)) != nil else {
            groups.leave(cookie)
            return .all
        }
        return .counted(groups, cookie: cookie)
    }

    /// Goes on with a socket of the supervisor before.
    func resumeHearing(of slot: Slot) {
        guard hearsGroups, groups != nil, let socket = try? slot.duplicate() else { return }
        let lost = slot.possibleDrops()
        let hearing = hearing(of: socket, at: slot.number)
        if case .counted = hearing {
            possibleDropsOfClosedSockets += lost
            slot.hearing = hearing
        }
    }

    /// Has what is sent to groups come to the current slots alone, from a flip on.
    func flipGroups(to current: Set<Int>) {
        guard hearsGroups else { return }
        var counted: [(cookie: UInt64, hears: Bool)] = []
        for slot in slots.values {
            if case .counted(_, let cookie) = slot.hearing {
                attachGroups(to: slot)
                counted.append((cookie, current.contains(slot.number)))
            } else {
                turnClassic(slot, hearing: current.contains(slot.number))
            }
        }
        try? groups?.flip(counted)
    }

    /// Has one slot hear what is sent to groups, or not.
    func turn(_ slot: Slot, hearing hears: Bool) {
        guard hearsGroups else { return }
        if case .counted(let groups, let cookie) = slot.hearing {
            attachGroups(to: slot)
            try? groups.turn(cookie, hearing: hears)
        } else {
            turnClassic(slot, hearing: hears)
        }
    }

    /// A worker may have taken the filter off.
    private func attachGroups(to slot: Slot) {
        guard let socket = try? slot.duplicate() else { return }
        try? groups?.attach(to: socket)
    }

    private func turnClassic(_ slot: Slot, hearing hears: Bool) {
        guard let socket = try? slot.duplicate() else { return }
        var spell = ClassicSpell()
        if case .uncounted(let known) = slot.hearing { spell = known }
        if hears {
            try? socket.turnToGroups()
            spell.end(at: slot.allDrops())
        } else {
            spell.begin(at: slot.allDrops())
            if (try? socket.turnFromGroups()) != true { spell.end(at: slot.allDrops()) }
        }
        slot.hearing = .uncounted(spell)
    }

    /// Datagrams that the kernel has dropped of which nobody can say whether they were lost, or kept on purpose from
    /// sockets that were not to hear them.
    var possibleDrops: Int {
        slots.values.reduce(possibleDropsOfClosedSockets) { $0 + $1.possibleDrops() }
    }
}
