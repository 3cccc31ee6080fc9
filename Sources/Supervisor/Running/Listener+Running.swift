import Adoption
import Kernel
import Settings
import Steering

/// Listeners at sockets that a running server has bound.
extension Listener {
    /// Makes a group of the server's sockets and steers it to them; nobody who sends notices.
    ///
    /// The kernel makes a group of a socket that was bound alone when another one joins it. In the
    /// microseconds between that and the next system call, which has everything go to the first, the
    /// plain hash may pick the other one: what came to it then waits for the next generation, and is told
    /// of.
    func join(_ running: RunningServer.Served) throws(ListenerError) {
        v6Only = running.place.address.isIPv6 ? running.place.v6Only : nil
        bindsFreely = running.bindsFreely
        socketsPerWorker = max(socketsPerWorker, running.sockets.count)
        do {
            for (number, socket) in running.sockets.enumerated() {
                let member = try GroupMember(sharing: socket)
                try member.sharePort()
                let slot = try Slot(
                    number, adopting: try socket.duplicateDescriptor(),
                    isStream: settings.isStream)
                slot.hearing = hearing(of: socket, at: number)
                slots[number] = slot
            }
            let spare = try bindSlot(running.sockets.count, joining: true)
            guard let first = slots[0] else { preconditionFailure("there is a socket") }
            for slot in slots.values.sorted(by: { $0.number < $1.number }) {
                try steering.place(try slot.duplicate(), at: slot.number)
            }
            try steering.place(try spare.duplicate(), at: spare.number)
            try steering.steerNewFlows(to: Array(running.sockets.indices))
            if !steering.keepsBindOrder { try steering.attach(to: try first.duplicate()) }
            slots[spare.number] = spare
            idle = [spare]
            hasStray = try !spare.isEmpty()
        } catch let error as KernelError {
            throw ListenerError(bind: settings.address, error)
        } catch let error as SteeringError {
            throw ListenerError(settings.address, error)
        } catch {
            throw ListenerError("\(settings.address): \(error)")
        }
    }
}
