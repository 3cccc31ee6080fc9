import Kernel
import ServiceCore
import Steering

extension Listener {
    /// By which the copier's socket is kept.
    private var copierName: KeptName { .steering(listener: number, part: "copier") }

    /// The copier's socket of a predecessor, which may have datagrams in it.
    func takeUpCopier(_ kept: KeptDescriptors) {
        guard let socket = kept.take(copierName) else { return }
        keptCopier = try? Slot(steering.setup.slotCapacity, adopting: socket, isStream: false)
    }

    /// Has what nobody is known to own copied to each that may own it, where the settings say so and nothing does it
    /// yet.
    ///
    /// It is bound after the first slot, like the others.
    func beginCopies(_ sender: CopySender, in loop: EventLoop) throws {
        guard steering.copies, copier == nil, !slots.isEmpty else { return }
        let slot = try keptCopier ?? bindSlot(steering.setup.slotCapacity)
        keptCopier = nil
        // What is sent to groups comes to the workers by itself.
        turn(slot, hearing: false)
        copier = try Copier(slot, sender, steering, port: address.port, in: loop)
        keepCopier()
    }

    func keepCopier(in place: (any VaultPlace)? = nil) {
        guard let slot = copier?.slot ?? keptCopier else { return }
        do throws(KernelError) {
            vault.keep(try slot.duplicate(), as: copierName, in: place)
        } catch {
            vault.failed(copierName, error)
        }
    }

    /// Nobody is left to get a copy, or none can be sent.
    func endCopies() {
        steering.endCopies()
        guard let slot = copier?.slot ?? keptCopier else { return }
        dropsOfClosedSockets += lostByCopier
        (copier, keptCopier) = (nil, nil)
        slot.leaveGroup()
        dropsOfClosedSockets += slot.drops() + slot.discardQueue()
        slot.hearing.end()
        vault.forget(copierName)
    }

    /// The live flows of each slot, those too of which only copies tell.
    func recentFlows() -> [Int: SlotFlows] {
        if let copier { steering.hold(copied: copier.countSessions()) }
        return steering.recentFlows()
    }

    /// Datagrams of which no copy could be sent.
    var lostByCopier: Int { copier?.lost ?? 0 }
}
