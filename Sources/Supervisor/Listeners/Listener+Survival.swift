import Kernel
import ServiceCore
import Settings
import Steering

extension Listener {
    /// Puts all that the next supervisor needs of the listener into a place of the vault, or into all.
    func keep(in place: (any VaultPlace)? = nil) {
        steering.withDescriptors { part, descriptor in
            vault.keep(descriptor, as: .steering(listener: number, part: part.rawValue), in: place)
        }
        keepGroups(in: place)
        keepCopier(in: place)
        for slot in slots.values { keep(slot, in: place) }
    }

    func keep(_ slot: Slot, in place: (any VaultPlace)? = nil) {
        let name = KeptName.slot(SlotID(listener: number, number: slot.number))
        do throws(KernelError) {
            vault.keep(try slot.duplicate(), as: name, in: place)
        } catch {
            vault.failed(name, error)
        }
    }

    /// Takes in what was kept of the sockets.
    ///
    /// - Parameters:
    ///   - inodes: of the slots that are in use.
    ///   - unread: those of them that no worker has now.
    ///   - spells: when a filter was there that cannot count what it drops.
    func readopt(
        _ kept: KeptDescriptors, expecting inodes: [Int: UInt64], unread: Set<Int>,
        _ spells: [Int: ClassicSpell]
    ) throws(ListenerError) {
        do {
            for number in kept.slots(of: number) where number < steering.setup.slotCapacity {
                guard
                    let socket = kept.take(
                        .slot(SlotID(listener: self.number, number: number)))
                else {
                    continue
                }
                let found = try Slot(number, adopting: socket, isStream: settings.isStream)
                if let spell = spells[number] { found.hearing = .uncounted(spell) }
                if inodes[number] ?? found.inode == found.inode {
                    try readopt(found)
                } else if unread.contains(number) {
                    // Put there between two workers, by one that did not live to write it down.
                    try? readopt(found)
                }
                // Beside a worker one that was in the slot before is not put back there.
            }
        } catch let error as SteeringError {
            throw ListenerError(settings.address, error)
        } catch {
            throw ListenerError("\(settings.address): \(error)")
        }
    }

    /// Takes in a socket that is in the group already.
    ///
    /// One that its worker has connected, or bound to an interface, is in no group and stays so.
    func readopt(_ slot: Slot) throws {
        do {
            try steering.place(try slot.duplicate(), at: slot.number)
        } catch let error as SteeringError {
            guard (try? steering.reattach(to: try slot.duplicate())) == .outside else {
                throw error
            }
            slot.isKnownOutside = true
            try steering.lostMember(slot.number)
        }
        resumeHearing(of: slot)
        slots[slot.number] = slot
    }
}

extension ListenerSettings {
    /// How workers know its sockets.
    var socketName: String { name ?? "\(address.port)" }

    var isStream: Bool {
        switch address.transport {
        case .udp: false
        case .tcp: true
        }
    }

    func socketAddress() throws(ListenerError) -> SocketAddress {
        guard let found = SocketAddress(address.socketAddress) else {
            throw ListenerError("\(address): not an address of this machine")
        }
        return found
    }
}
