package import HandoverCore
import Settings

/// What workers bind themselves.
extension Service {
    /// Whether a bind has to be looked at; the others are let go at once, for a server that binds a
    /// port for each question that it asks must not be kept waiting.
    package func mayConcern(_ port: UInt16, of id: WorkerID) -> Bool {
        port != 0
            && (workers[id]?.readiness?.isReady == false
                || banks.listeners.contains { $0.place.address.port == port } || isNamed(port))
    }

    /// Whether a worker that serves binds a port which is no listener's: what comes there is a session of
    /// its own, as long as the socket is open.
    package func isOwnPort(_ port: UInt16, of id: WorkerID) -> Bool {
        port != 0 && workers[id]?.readiness?.isReady == true
            && !banks.listeners.contains { $0.place.address.port == port } && !isNamed(port)
    }

    private func isNamed(_ port: UInt16) -> Bool {
        settings.adopt.contains { $0.names(.udp, port: port) || $0.names(.tcp, port: port) }
    }

    mutating func bindAsked(
        _ call: CallID, _ id: WorkerID, _ pid: Int32, _ bind: BindCall, _ turn: inout ServiceTurn
    ) {
        guard let worker = workers[id], worker.pid == pid, banks[id.generation] != nil
        else { return turn.emit(.leaveBind(call)) }
        let own = banks.slots(of: id).flatMap { $0 }.first { $0.inode == bind.inode }
        if let own {
            // Answered before, by a supervisor that did not live to say so.
            binds.begin(call, PendingBind(worker: id, call: bind, listener: own.id.listener))
            return turn.emit(.answerBind(call, own.id))
        }
        binds.begin(call, PendingBind(worker: id, call: bind))
        let target = BindCalls.target(
            bind.place, banks.listeners, settings,
            isStarting: worker.readiness?.isReady == false, isServed: { shows($0) },
            isDoubted: { adopted.isDoubted($0) },
            mayMove: { mayMove($0) })
        switch target {
        case .foreign:
            noteForeign(bind.place, of: id, &turn)
            leave(call, &turn)
        case .listener(let number): choose(call, at: number, &turn)
        case .move(let number, let place):
            turn.emit(
                .announce(
                    .note(
                        .notice,
                        "\(banks.listeners[number].address): the server binds \(place.text), so it "
                            + "listens there", id)))
            turn.emit(.moveListener(number, to: place, bind.facts, call))
        case .adopt(let like, let basis):
            guard let number = vacancy() else {
                turn.warn(
                    "\(bind.place.text): too many listeners, its bind is left to the kernel", id)
                return leave(call, &turn)
            }
            binds.make(number, basis, call)
            turn.emit(
                .makeListener(
                    AdoptedListener(
                        number: number, place: bind.place, facts: bind.facts, like: like), call))
        }
    }

    private mutating func leave(_ call: CallID, _ turn: inout ServiceTurn) {
        binds.end(call)
        turn.emit(.leaveBind(call))
    }

    /// Whether nobody has had anything of a listener yet.
    private func mayMove(_ listener: Int) -> Bool {
        machine.steering == nil && banks.listeners[listener].given == 0
            && banks.generations.allSatisfy { generation in
                banks[generation]?.all.allSatisfy {
                    $0.id.listener != listener || $0.boundAt == nil && !$0.isTaken
                } ?? true
            }
    }

    mutating func listenerMade(
        _ number: Int, _ shape: ListenerShape, _ call: CallID, _ turn: inout ServiceTurn
    ) {
        let pending = binds[call]
        let basis = pending?.making?.basis
        if number == banks.listeners.count {
            banks.add(shape)
        } else if banks.listeners.indices.contains(number) {
            if basis != nil {
                banks.replace(number, by: shape)
            } else {
                var shape = shape
                shape.isNarrowed =
                    banks.listeners[number].place.address.isWildcard
                    && !shape.place.address.isWildcard
                banks.shapes.move(number, to: shape)
            }
        }
        if let pending, let basis {
            adopted.begin(number, basis, by: pending.worker.generation)
            if basis != .doubtful {
                turn.emit(.announce(.note(.notice, "\(shape.address): adopted", nil)))
            }
            for (id, _) in workers.all { slotsChanged(of: id, &turn) }
        }
        choose(call, at: number, &turn)
    }

    /// Finds the slot for a bind at a listener.
    private mutating func choose(_ call: CallID, at listener: Int, _ turn: inout ServiceTurn) {
        guard let pending = binds[call], banks.listeners.indices.contains(listener) else { return }
        binds.isFor(listener, call)
        if workers[pending.worker]?.readiness?.isReady == false { adopted.isBoundAtStart(listener) }
        let slots = banks.slots(of: pending.worker)
        guard slots.indices.contains(listener) else { return leave(call, &turn) }
        if let free = slots[listener].first(where: { $0.boundAt == nil }) {
            return answer(call, free.id, &turn)
        }
        if slots[listener].isEmpty { return grow(call, pending, listener, &turn) }
        turn.emit(.findHolders(call, pending.worker, slots[listener].map(\.id)))
    }

    /// The worker has bound all its slots before: it may have closed one since.
    mutating func holdersSeen(_ call: CallID, _ held: [SlotID], _ turn: inout ServiceTurn) {
        guard let pending = binds[call], let listener = pending.listener else { return }
        let slots = banks.slots(of: pending.worker)
        guard slots.indices.contains(listener) else { return leave(call, &turn) }
        if let free = slots[listener].first(where: { !held.contains($0.id) }) {
            // What the program did with it before must not be found on it now.
            return follow(banks.renew(free.id, of: pending.worker, for: call), &turn)
        }
        // A program that has its socket and binds the address again at run time is about to connect it
        // to a peer; a socket that may not share the address is refused, by the kernel.
        let isStarting = workers[pending.worker]?.readiness?.isReady == false
        if isStarting, let each = slots[listener].first(where: { $0.boundFor != nil }) {
            return exchange(each, pending, call, listener, &turn)
        }
        guard isStarting, pending.call.facts.sharesPort else { return leave(call, &turn) }
        grow(call, pending, listener, &turn)
    }

    /// ntpd binds every address, for which it has got the socket of the listener at one of them, and then that one as
    /// well: what is for every address becomes another listener's, and the socket is for the one.
    private mutating func exchange(
        _ slot: Slot, _ pending: PendingBind, _ call: CallID, _ listener: Int,
        _ turn: inout ServiceTurn
    ) {
        guard let every = slot.boundFor, !pending.call.place.address.isWildcard else {
            return leave(call, &turn)
        }
        binds.exchanges(slot.id, call)
        if let other = banks.listeners.firstIndex(where: { $0.place.isSame(as: every) }) {
            return choose(call, at: other, &turn)
        }
        guard let number = vacancy() else { return leave(call, &turn) }
        binds.make(number, .certain, call)
        turn.emit(
            .makeListener(
                AdoptedListener(number: number, place: every, facts: BindFacts(), like: listener),
                call))
    }

    /// Answers with a slot that is there for it.
    mutating func answer(_ call: CallID, _ slot: SlotID, _ turn: inout ServiceTurn) {
        guard let former = binds[call]?.exchanged else {
            return turn.emit(.answerBind(call, slot))
        }
        binds.exchanges(by: slot, call)
        turn.emit(.exchangeBind(call, former, by: slot))
    }

    private mutating func grow(
        _ call: CallID, _ pending: PendingBind, _ listener: Int, _ turn: inout ServiceTurn
    ) {
        follow(banks.grow(pending.worker, at: listener, for: call), &turn)
    }

    mutating func bindAnswered(
        _ call: CallID, _ slot: SlotID, _ fault: PortFault?, _ turn: inout ServiceTurn
    ) {
        guard let pending = binds.end(call) else { return }
        if let fault {
            turn.warn("bind of worker \(pending.worker): \(fault)", pending.worker)
            return
        }
        if let every = pending.exchangedFor {
            banks.bound(every, by: pending.worker, for: nil, at: turn.now)
        }
        let asked = pending.call.place
        let isEach =
            asked.address.isWildcard && !banks.listeners[slot.listener].place.address.isWildcard
        banks.bound(slot, by: pending.worker, for: isEach ? asked : nil, at: turn.now)
        workers.change(pending.worker) { $0.readiness?.bound(at: turn.now) }
    }

    /// Remembers what a worker binds that is no listener's, to tell it where that matters.
    private mutating func noteForeign(
        _ place: SocketPlace, of id: WorkerID, _ turn: inout ServiceTurn
    ) {
        let text = place.text
        guard let worker = workers[id], worker.foreignBinds.count < 32,
            !worker.foreignBinds.contains(text)
        else { return }
        let rival = workers.all.first {
            $0.id.generation != id.generation && $0.process.foreignBinds.contains(text)
        }
        workers.change(id) {
            $0.foreignBinds.append(text)
            $0.readiness?.boundElsewhere(text)
        }
        guard let rival, worker.readiness?.isReady == false else { return }
        turn.warn(
            "worker \(id) binds \(text), which generation \(rival.id.generation) has as well: if that "
                + "is why it does not start, --adopt "
                + "\(place.isStream ? "tcp" : "udp"):\(place.address.port) has both served", id)
    }
}
