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
            var hadProgram = false
            for (number, socket) in sockets.enumerated() {
                let slot = try Slot(
                    number, adopting: socket.take(), isStream: settings.isStream)
                grantedReceiveBuffer = slot.growReceiveBuffer(to: settings.receiveBuffer)
                if number == 0 { hadProgram = try slot.detachSteering() }
                try place(slot, until: hadProgram ? socket.arrived + Self.placementTimeout : .zero)
                slot.hearing = hearing(of: try slot.duplicate(), at: number)
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

    /// For all sockets of all listeners together, which come at once. It is waited before the loop
    /// runs: there is nothing yet that could be held up.
    private static var placementTimeout: Duration { .seconds(2) }

    /// A program that a supervisor before left behind has the sockets in its map until the kernel
    /// has freed that.
    private func place(_ slot: Slot, until deadline: Duration) throws {
        while true {
            do {
                return try steering.place(try slot.duplicate(), at: slot.number)
            } catch {
                guard MonotonicClock.now() < deadline else { throw error }
                let pause = try TimerDescriptor()
                try pause.set(to: MonotonicClock.now() + .milliseconds(5))
                _ = try pause.wait(for: .readable, within: .seconds(1))
            }
        }
    }

    /// Leaves the sockets as they were found, for they outlive us: what comes is spread by the
    /// kernel's plain hash until the next supervisor.
    func letGoOfGiven() {
        guard givenSlots > 0 else { return }
        for slot in slots.values.sorted(by: { $0.number > $1.number }) {
            try? steering.release(slot.number)
        }
        _ = try? slots[0]?.detachSteering()
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
    func beginGiven(with bank: [Int]) throws(ListenerError) {
        guard givenSlots > 0 else { return }
        do {
            try steering.steerNewFlows(to: bank)
            // The classic machine steers by attaching.
            if !steering.keepsBindOrder, let slot = slots[0] {
                try steering.attach(to: try slot.duplicate())
            }
        } catch let error as SteeringError {
            throw ListenerError(settings.address, error)
        } catch {
            throw ListenerError("\(settings.address): \(error)")
        }
        let others = slots.values.filter { !bank.contains($0.number) }
        cameTooEarly = others.reduce(0) { $0 + $1.discardQueue() }
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
