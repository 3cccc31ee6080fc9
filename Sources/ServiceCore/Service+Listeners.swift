import HandoverCore
package import Settings

/// What has changed of the listeners that a settings file names.
package struct ListenerChanges: Equatable, Sendable {
    package var added: [ListenerSettings]
    package var removed: [ListenAddress]

    package init(added: [ListenerSettings] = [], removed: [ListenAddress] = []) {
        self.added = added
        self.removed = removed
    }

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty }
}

/// Listeners that an upgrade adds and removes.
///
/// Each generation keeps the listeners that its bank was made with. One that is added is bound with the bank of
/// the next generation, before the flip. One that is removed stays with the generations that have it, and is
/// closed with the last of them; if they get the new flows back, it is as it was.
extension Service {
    /// The next generation is to have other listeners.
    mutating func name(_ changes: ListenerChanges, _ turn: inout ServiceTurn) {
        naming.begin()
        guard settings.overlap || changes.isEmpty else {
            turn.warn(
                "the settings name other listeners, and with Overlap=no they change by a stop and a start "
                    + "alone: relevo stop \(settings.name), then start it as before")
            return
        }
        guard !leavesNone(changes) else {
            turn.warn("the settings name no listener any more: they stay as they are")
            return
        }
        for address in changes.removed { withdraw(address, &turn) }
        for listener in changes.added { add(listener, &turn) }
    }

    /// The number of a listener of this address, of those that are meant.
    private func number(
        of address: ListenAddress, where isMeant: (Int) -> Bool
    ) -> Int? {
        banks.listeners.indices.first {
            banks.listeners[$0].address == "\(address)" && isMeant($0)
        }
    }

    /// Whether nothing would be served any more.
    private func leavesNone(_ changes: ListenerChanges) -> Bool {
        guard changes.added.isEmpty, settings.adopt.isEmpty, !changes.removed.isEmpty else {
            return false
        }
        let removed = Set(changes.removed.map { "\($0)" })
        return banks.listeners.allSatisfy { !$0.isNamed || removed.contains($0.address) }
    }

    private mutating func withdraw(_ address: ListenAddress, _ turn: inout ServiceTurn) {
        guard let number = number(of: address, where: { banks.listeners[$0].isNamed }) else {
            return
        }
        guard banks.listeners[number].given == 0 else {
            return turn.warn(
                "\(address): its sockets are a socket unit's, so it stays until a stop")
        }
        banks.shapes.withdraw(number)
        turn.emit(
            .announce(
                .note(
                    .notice,
                    "\(address): the next generation does not serve it, and it is closed with those that do",
                    nil)))
    }

    private mutating func add(_ listener: ListenerSettings, _ turn: inout ServiceTurn) {
        let sockets = listener.socketsPerWorker ?? settings.socketsPerWorker
        let there = number(of: listener.address) { !banks.isVacant($0) }
        if let there {
            let shape = banks.listeners[there]
            // Adopted, or an option's, and so it is served already.
            if shape.isAdopted || shape.standing == nil { return }
            let count = shape.socketsPerWorker > 0 ? shape.socketsPerWorker : sockets
            naming.name(there, sockets: count)
            banks.shapes.name(there, sockets: count)
            return
        }
        guard let number = vacancy() else {
            turn.warn("\(listener.address): too many listeners")
            return
        }
        turn.emit(naming.make(number, listener))
    }

    /// A listener is there that the settings have come to name.
    mutating func listenerAdded(
        _ number: Int, _ shape: ListenerShape, _ turn: inout ServiceTurn
    ) {
        guard naming.isMaking(number) else { return }
        if number == banks.listeners.count {
            banks.add(shape)
        } else {
            banks.replace(number, by: shape)
        }
        adopted.isNamed(number)
        naming.name(number, sockets: shape.socketsPerWorker)
        banks.shapes.name(number, sockets: shape.socketsPerWorker)
        turn.emit(
            .announce(
                .note(.notice, "\(shape.address): the next generation serves it too", nil)))
        goOnMaking(number, nil, &turn)
    }

    mutating func listenerNotAdded(
        _ number: Int, _ fault: PortFault, _ turn: inout ServiceTurn
    ) {
        goOnMaking(number, fault, &turn)
    }

    private mutating func goOnMaking(
        _ number: Int, _ fault: PortFault?, _ turn: inout ServiceTurn
    ) {
        turn.emit(naming.made(number, fault))
        if let held = naming.takeHeld() { prepareBank(held.generation, held.workers, &turn) }
    }

    /// Makes the slots of a new generation, at the listeners that the settings name now.
    mutating func prepareBank(
        _ generation: GenerationID, _ workers: Int, _ turn: inout ServiceTurn
    ) {
        if naming.hold(generation, workers: workers) { return }
        if let fault = naming.takeFault() {
            lacksPrivilege = fault.isPermission
            return turn.submit(.bankFailed(generation, fault.description))
        }
        // A generation that failed meanwhile may have taken one with it.
        for (number, sockets) in naming.named { banks.shapes.name(number, sockets: sockets) }
        naming.end()
        if !lookAtAdopted(.bank(generation, workers: workers), &turn) {
            follow(banks.prepare(generation, workers: workers), &turn)
        }
    }

    /// Closes what is left of listeners that are removed, the last generation that had them having ended.
    ///
    /// - Parameter had: the listeners at which the generation that has ended had slots.
    mutating func closeWithdrawn(_ had: Set<Int>, _ turn: inout ServiceTurn) {
        for number in had.sorted() where banks.isOver(number) {
            banks.shapes.withdraw(number)
            order(banks.drop(number), &turn)
            turn.emit(
                .announce(
                    .note(.notice, "\(banks.listeners[number].address): not served any more", nil)))
        }
    }

    /// Whether nobody asks a generation to serve at a listener: it is as its server likes, or the generation was
    /// begun without it.
    func isUnasked(_ listener: Int, of generation: GenerationID) -> Bool {
        banks.listeners[listener].followsServer || !banks.has(generation, slotsAt: listener)
    }

    /// Whether the next generation is to serve at an address that the settings name, or have named.
    package func willServe(_ address: String) -> Bool {
        if naming.isMaking(address) { return true }
        return banks.listeners.indices.contains {
            banks.listeners[$0].address == address && !banks.isVacant($0)
                && (banks.listeners[$0].isNamed || naming.named[$0] != nil)
        }
    }

    /// The listeners that the current generation serves.
    package var servedListeners: [Int] {
        machine.current.map { banks.listeners(of: $0).sorted() } ?? []
    }
}
