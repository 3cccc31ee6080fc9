import Kernel
import Settings
import Steering

/// Slots whose sockets a socket unit has bound.
extension Listener {
    /// Makes slots of them, all free, numbered as they were bound.
    func adopt(_ sockets: [GivenSocket]) throws(ListenerError) {
        v6Only = sockets.first?.isIPv6Only
        guard sockets.count <= steering.setup.slotCapacity else {
            throw ListenerError(
                "\(settings.address): \(sockets.count) sockets are more than the "
                    + "\(steering.setup.slotCapacity) that can be steered; remove lines")
        }
        do {
            for (number, socket) in sockets.enumerated() {
                let slot = try Slot(
                    number, adopting: socket.take(), isStream: settings.isStream)
                grantedReceiveBuffer = slot.growReceiveBuffer(to: settings.receiveBuffer)
                if number == 0 { try steering.attach(to: try slot.duplicate()) }
                try steering.place(try slot.duplicate(), at: number)
                slots[number] = slot
                idle.append(slot)
            }
        } catch let error as SteeringError {
            throw ListenerError(settings.address, error)
        } catch {
            throw ListenerError("\(settings.address): \(error)")
        }
        givenSlots = sockets.count
    }

    /// Has the first bank made of sockets where datagrams wait already, one of which may have had
    /// the service started.
    func preferWaiting() {
        let waits = idle.map { !((try? $0.isEmpty()) ?? true) }
        let order = idle.indices.sorted {
            waits[$0] && !waits[$1] || waits[$0] == waits[$1] && $0 < $1
        }
        idle = order.map { idle[$0] }
    }

    /// Has the first bank get all that comes from here on, while its workers start. What waits
    /// elsewhere would be read by a later generation, and too late: it is counted as dropped.
    func beginGiven(with bank: [Int]) {
        guard givenSlots > 0 else { return }
        // Without it the datagrams that come before the flip go anywhere, as they did until now.
        try? steering.steerNewFlows(to: bank)
        cameTooEarly = idle.reduce(0) { $0 + $1.discardQueue() }
        dropsOfClosedSockets += cameTooEarly
    }

    /// Why no socket can be bound beside the given ones.
    func tooFew(_ error: KernelError) -> ListenerError {
        ListenerError(
            """
            \(settings.address): all \(givenSlots) sockets of the socket unit are in use, and no \
            more can be bound beside them as this user (\(error)): add \
            \(settings.isStream ? "ListenStream=" : "ListenDatagram=") lines, one for each worker of \
            each generation that may live at once
            """)
    }
}
