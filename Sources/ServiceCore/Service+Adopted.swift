package import HandoverCore

/// Addresses that were adopted: which of them serve, and which are gone.
extension Service {
    /// Whether status and counters show a listener.
    package func shows(_ listener: Int) -> Bool {
        guard banks.listeners.indices.contains(listener) else { return false }
        let shape = banks.listeners[listener]
        if shape.standing != nil { return banks.hasSlots(at: listener) }
        return !shape.isAdopted || adopted.isServed(listener) && !banks.isDormant(listener)
    }

    /// Whether a worker is waited for at a listener where it has not bound anything yet.
    ///
    /// A worker that is started again serves what it binds: nobody else does.
    func isAsked(_ listener: Int, of id: WorkerID) -> Bool {
        if !banks.listeners[listener].followsServer { return true }
        return machine.generation(id.generation)?.phase == .starting && adopted.isAsked(listener)
    }

    /// Has the port look how workers use what they have bound.
    ///
    /// - Returns: false where they have bound nothing that is adopted.
    @discardableResult
    func lookAtAdopted(_ look: AdoptedLook, _ turn: inout ServiceTurn) -> Bool {
        let numbers = banks.listeners.indices.filter { banks.listeners[$0].followsServer }
        if numbers.isEmpty { return false }
        var bound: [BoundSlots] = []
        for (id, process) in workers.all where process.isRunning {
            // What a worker that begins has bound it may close again, and one that ended has nothing.
            guard process.readiness?.isReady == true else { continue }
            let slots = banks.slots(of: id)
            let found = numbers.flatMap { slots.indices.contains($0) ? slots[$0] : [] }
                .map(\.id)
            if !found.isEmpty { bound.append(BoundSlots(worker: id, slots: found)) }
        }
        if bound.isEmpty { return false }
        turn.emit(.lookAtAdopted(bound, look))
        return true
    }

    mutating func adoptedSeen(
        _ uses: [SlotID: SlotUse], _ look: AdoptedLook, _ turn: inout ServiceTurn
    ) {
        var isChanged = false
        for listener in banks.listeners.indices where banks.listeners[listener].followsServer {
            let slots = banks.users(of: listener)
            guard !slots.isEmpty, !banks.isInFlight(listener) else { continue }
            switch adopted.see(listener, slots.map { ($0.generation, uses[$0.slot]) }, look) {
            case .nothing: break
            case .serves:
                turn.emit(
                    .announce(.note(.notice, "\(banks.listeners[listener].address): adopted", nil)))
            case .gone:
                end(listener, &turn)
                isChanged = true
            }
        }
        shareProof()
        if isChanged { for (id, _) in workers.all { slotsChanged(of: id, &turn) } }
        if case .bank(let generation, let workers) = look {
            follow(
                banks.prepare(
                    generation, workers: workers,
                    leavingOut: Set(banks.listeners.indices.filter { !mayAsk($0) })), &turn)
        }
    }

    /// Whether slots of a listener are made before anybody binds them.
    func mayAsk(_ listener: Int) -> Bool {
        !banks.listeners[listener].followsServer || adopted.isAsked(listener)
    }

    /// A port that several listeners have is no question's.
    private mutating func shareProof() {
        var served: [UInt16: Int] = [:]
        for listener in banks.listeners.indices where shows(listener) {
            served[banks.listeners[listener].place.address.port, default: 0] += 1
        }
        for listener in banks.listeners.indices where shows(listener) {
            if served[banks.listeners[listener].place.address.port] ?? 0 > 1 {
                adopted.isShared(listener)
            }
        }
    }

    /// Lets go of an address that nobody has open.
    private mutating func end(_ listener: Int, _ turn: inout ServiceTurn) {
        let wasServed = adopted.isServed(listener)
        adopted.end(listener)
        order(banks.drop(listener), &turn)
        guard wasServed else { return }
        turn.emit(
            .announce(
                .note(
                    .notice,
                    "\(banks.listeners[listener].address): the server has closed it, so nobody is asked "
                        + "to serve there any more", nil)))
    }

    /// The number for another listener: that of one which nobody has any more, or a new one; nil where there
    /// are too many.
    func vacancy() -> Int? {
        func isBeingMade(_ number: Int) -> Bool {
            binds.isMaking(number) || naming.isMaking(number)
        }
        let free = banks.listeners.indices.first { banks.isVacant($0) && !isBeingMade($0) }
        if let free { return free }
        var next = banks.listeners.count
        while isBeingMade(next) { next += 1 }
        return next < Self.mostListeners ? next : nil
    }

    /// A worker cannot have the supervisor make more than this, whatever it binds.
    private static let mostListeners = 1024
}

/// The slots that a worker has bound at adopted addresses.
package struct BoundSlots: Hashable, Sendable {
    package let worker: WorkerID
    package let slots: [SlotID]
}
