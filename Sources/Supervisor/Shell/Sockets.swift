import Adoption
import HandoverCore
import Kernel
import ServiceCore
import Settings
import Steering

/// The owner of the listeners' sockets and of their steering.
final class Sockets {
    private(set) var listeners: [Listener]
    /// With the listeners that were adopted.
    private(set) var settings: ServiceSettings
    private let vault: Vault
    private let loop: EventLoop
    /// Slots of a server that ran before there was a supervisor: its sockets are left as they are.
    private var running: Set<SlotID> = []
    /// Where new flows go, by listener.
    private var choices: [Int: Set<Int>] = [:]
    private var strangers = Strangers()
    /// Slots whose sockets their workers keep for one peer while they bind again.
    private var sessions: Set<SlotID> = []
    /// Who has sockets open, as seen a moment ago.
    private var holders = HolderCensus()
    let copies: Copies
    /// Something for an administrator.
    var warned: (String) -> Void = { _ in }

    init(_ listeners: [Listener], _ settings: ServiceSettings, _ vault: Vault, in loop: EventLoop) {
        self.listeners = listeners
        self.settings = settings
        self.vault = vault
        self.loop = loop
        copies = Copies(in: loop)
        for listener in listeners { choices[listener.number] = listener.steering.chosenSlots }
    }

    /// What the rules must know of the listeners, and the sockets that are there already.
    var shapes: [ListenerShape] { listeners.map(\.shape) }

    /// Whether sockets of a listener are known by their order alone.
    var keepsOrder: Bool { listeners.contains { $0.steering.keepsBindOrder } }

    func slot(_ id: SlotID) -> Slot? {
        listeners.indices.contains(id.listener) ? listeners[id.listener].slots[id.number] : nil
    }

    func slots(_ ids: [[ServiceCore.Slot]]) -> [[Slot]] {
        ids.map { $0.compactMap { slot($0.id) } }
    }

    func leaveAlone(_ slots: Set<SlotID>) { running = slots }

    // MARK: Binding and closing

    func bind(_ id: SlotID) -> Input {
        let listener = listeners[id.listener]
        do throws(ListenerError) {
            let slot: Slot
            if let there = listener.slots[id.number] {
                slot = there
            } else {
                slot = try listener.makeSlot(id.number)
            }
            tellWarnings(of: listener)
            turn(slot, at: listener)
            return .slotBound(id, slot.bound())
        } catch {
            return .bindFailed(id, PortFault(error.description, isPermission: error.isPermission))
        }
    }

    /// Brings a slot's socket to a known state before it is lent again.
    ///
    /// - Parameters:
    ///   - isUnheld: whether it is known that nobody has it who would go on reading it.
    ///   - own: processes that hold sockets and read none.
    func renew(_ id: SlotID, isUnheld: Bool, besides own: Set<Int32>) -> Input {
        let listener = listeners[id.listener]
        guard let slot = listener.slots[id.number] else { return bind(id) }
        if running.remove(id) != nil {
            tellWarnings(of: listener)
            return .slotBound(id, slot.bound())
        }
        let lost = listener.dropsOfClosedSockets
        let isHeld = !isUnheld && slot.wasLent && holders.hold(slot.inode, besides: own)
        let isSession = sessions.remove(id) != nil && isUnheld
        let renewal = listener.renew(slot, isHeld: isHeld, isSession: isSession)
        for warning in renewal.warnings { warned(warning) }
        if renewal.isReplaced {
            let reason =
                isHeld
                ? "kept open by a process that a worker has left"
                : "shut down, connected, bound to an interface, or locked by its worker"
            warned(
                """
                \(listener.settings.address): slot \(slot.number) has a new socket: the one before was \
                \(reason)
                """)
        }
        turn(slot, at: listener)
        return .slotBound(id, slot.bound(lost: listener.dropsOfClosedSockets - lost))
    }

    /// Whether a worker has connected the slot's socket to one peer: then it is a session's, and the worker's next
    /// bind is for everybody else.
    func isSession(_ id: SlotID) -> Bool {
        guard let slot = slot(id), (try? slot.glance())?.hasPeer == true else { return false }
        sessions.insert(id)
        return true
    }

    /// Has what is sent to groups of hosts come to a slot if it is current.
    private func turn(_ slot: Slot, at listener: Listener) {
        guard let choice = choices[listener.number] else { return }
        listener.turn(slot, hearing: choice.contains(slot.number))
    }

    /// What a worker does with a slot that it has bound.
    ///
    /// - Parameters:
    ///   - open: the sockets that it and its descendants have open.
    ///   - own: processes that hold sockets and read none.
    func use(
        of id: SlotID, openTo open: Set<UInt64>, besides own: Set<Int32>
    ) -> SlotUse? {
        guard let slot = slot(id), let glance = try? slot.glance() else { return nil }
        // Nothing comes to it any more, whoever has it open.
        if listeners[id.listener].hasLostInterface(slot) { return .unheld }
        guard open.contains(slot.inode) || holders.hold(slot.inode, besides: own) else {
            return .unheld
        }
        return glance.hasPeer ? .connected : .serving
    }

    private func tellWarnings(of listener: Listener) {
        for warning in listener.takeWarnings() { warned(warning) }
    }

    func release(_ id: SlotID, of generation: GenerationID?, dropsBefore: Int) -> Input {
        let (lost, total) = listeners[id.listener].close(id.number, dropsBefore: dropsBefore)
        return .slotReleased(id, of: generation, lost: lost, total: total)
    }

    func park(_ id: SlotID, of generation: GenerationID?, dropsBefore: Int) -> Input {
        let lost = listeners[id.listener].park(id.number, dropsBefore: dropsBefore)
        return .slotReleased(id, of: generation, lost: lost, total: 0)
    }

    /// Has the first bank get all that comes from here on, where a socket unit has bound the sockets.
    func beginGiven(with slots: [SlotID]) {
        for (index, listener) in listeners.enumerated() where listener.givenSlots > 0 {
            do throws(ListenerError) {
                try listener.beginGiven(
                    with: slots.filter { $0.listener == index }.map(\.number))
            } catch {
                warned("\(error)")
            }
            tellWarnings(of: listener)
        }
    }

    // MARK: Steering

    func steer(
        _ targets: [[Int]?], _ canary: CanarySlots?
    ) throws(SteeringError) -> Duration {
        var longest = Duration.zero
        for (listener, choice) in zip(listeners, targets) {
            guard let choice, !choice.isEmpty else { continue }
            _ = listener.look(at: listener.slots.values)
            // What comes after the flip may be of either side.
            copies.begin(at: listener, warned)
            var share: SteeringCanary?
            if let canary, let slots = canary.slots[listener.number], !slots.isEmpty {
                share = SteeringCanary(
                    slots: slots, millionths: canary.clients.share?.millionths ?? 0,
                    networks: try canary.clients.networks.map(SteeringNetwork.init(reading:)),
                    key: canary.key)
            }
            longest = max(longest, try listener.flip(to: choice, canary: share))
            choices[listener.number] = Set(choice)
            listener.flipGroups(to: Set(choice))
        }
        return longest
    }

    func resteer(_ slots: [SlotID]) throws(SteeringError) {
        for (index, listener) in listeners.enumerated() {
            let numbers = slots.filter { $0.listener == index }.map(\.number)
            if !numbers.isEmpty { try listener.steering.resteer(slots: numbers) }
        }
    }

    func countFlows() -> [SlotID: FlowCount] {
        var counts: [SlotID: FlowCount] = [:]
        for (index, listener) in listeners.enumerated() where listener.steering.remembersFlows {
            for (number, found) in listener.recentFlows() {
                counts[SlotID(listener: index, number: number)] = FlowCount(
                    confirmed: found.confirmed, unconfirmed: found.unconfirmed,
                    recentUnconfirmed: found.recentUnconfirmed)
            }
        }
        return counts
    }

    /// A socket that cannot be looked at must not hold a handover up for ever.
    func hasData(_ slots: [SlotID]) -> Bool {
        slots.contains { !((try? slot($0)?.isEmpty()) ?? true) }
    }

    /// Lets the flow tables forget what has ended, in time before their clocks wrap.
    func scheduleSweeps() {
        for listener in listeners where listener.steering.remembersFlows { scheduleSweep(listener) }
    }

    private func scheduleSweep(_ listener: Listener) {
        let next = MonotonicClock.now() + listener.steering.sweepInterval
        _ = loop.schedule(at: next) { [unowned self] in
            // Another one may have taken its place.
            guard listeners[listener.number] === listener else { return }
            listener.steering.tend()
            scheduleSweep(listener)
        }
    }

    // MARK: What is against what ought to be

    /// Looks at every socket; each program that is ours is attached again, which is the only way to look at it.
    func observe() -> Observation {
        var seen = Observation(listeners: listeners.map { $0.look(at: $0.slots.values) })
        strangers.look(listeners, &seen)
        return seen
    }

    /// Puts a fresh socket into a slot and leaves the one that is there to its worker.
    func exchange(_ id: SlotID) -> Input {
        guard let slot = slot(id) else { return bind(id) }
        let listener = listeners[id.listener]
        do {
            let lost = listener.dropsOfClosedSockets + slot.drops()
            try listener.leaveToItsWorker(slot)
            turn(slot, at: listener)
            return .slotExchanged(id, slot.bound(lost: listener.dropsOfClosedSockets - lost))
        } catch {
            let fault = PortFault("\(listener.settings.address): \(error)")
            warned("slot \(id.number) gets no fresh socket: \(fault)")
            return .bindFailed(id, fault)
        }
    }

    // MARK: Listeners that come and move

    /// Goes on with settings whose listeners are the same, but for their idle times.
    func change(_ changed: ServiceSettings) {
        settings = changed
        followIdleTimes()
    }

    /// Goes on with another idle time of a listener that a worker has bound.
    func keep(idleTimeout: Duration, of number: Int) {
        settings.listeners[number].idleTimeout = idleTimeout
    }

    func make(_ wanted: AdoptedListener) throws(ListenerError) -> ListenerShape? {
        let place = wanted.place.bindable
        let like = wanted.like.map { listeners[$0].settings }
        guard var adopted = ListenerSettings(adopting: place, like: like, settings) else {
            return nil
        }
        adopted.freeBind = wanted.facts.bindsFreely
        adopted.transparent = wanted.facts.bindsTransparently
        return try add(wanted.number, adopted, port: place.address.port, sockets: 0).shape
    }

    /// Makes a listener that the settings have come to name; nothing is bound yet.
    func add(_ number: Int, _ named: ListenerSettings) throws(ListenerError) -> Listener {
        try add(
            number, named, port: named.address.port,
            sockets: named.socketsPerWorker ?? settings.socketsPerWorker)
    }

    private func add(
        _ number: Int, _ added: ListenerSettings, port: UInt16, sockets: Int
    ) throws(ListenerError) -> Listener {
        let listener = try Listener(
            added, number: number, nonBlocking: settings.nonBlocking,
            socketsPerWorker: sockets, vault: vault,
            tables: listeners.first?.tables ?? SteeringTables(),
            hasLeftovers: listeners.contains { $0.hasNeighbours && $0.address.port == port })
        listener.meet(listeners)
        if listeners.indices.contains(number) {
            // Nobody has any of that one's sockets.
            listeners[number].steering.end()
            choices[number] = nil
            settings.listeners[number] = added
            listeners[number] = listener
        } else {
            settings.listeners.append(added)
            listeners.append(listener)
        }
        listener.keep()
        if listener.steering.remembersFlows { scheduleSweep(listener) }
        return listener
    }

    /// Binds a listener elsewhere; its slots get new sockets.
    func move(
        _ number: Int, to wanted: ServiceCore.SocketPlace, _ facts: BindFacts
    ) throws(ListenerError) -> (ListenerShape, [Input]) {
        let place = wanted.bindable
        let listener = listeners[number]
        listener.bindsFreely = (facts.bindsFreely, facts.bindsTransparently)
        let numbers = listener.slots.keys.sorted()
        try listener.move(to: place)
        var inputs: [Input] = []
        for slot in numbers { inputs.append(bind(SlotID(listener: number, number: slot))) }
        return (listener.shape, inputs)
    }

    /// The service has ended: sockets of a socket unit are left as they were found.
    func letGoOfGiven() { for listener in listeners { listener.letGoOfGiven() } }
}

extension Listener {
    /// What the rules must know of it.
    var shape: ListenerShape {
        let place = ServiceCore.SocketPlace(self.place, text: "\(settings.address)")
        var shape = ListenerShape(address: "\(settings.address)", place: place)
        shape.isAdopted = settings.isAdopted
        shape.capacity = steering.setup.slotCapacity
        shape.keepsBindOrder = steering.keepsBindOrder
        shape.remembersFlows = steering.remembersFlows
        shape.given = givenSlots
        shape.socketsPerWorker = socketsPerWorker
        return shape
    }

    /// Ends a slot that nobody uses any more.
    ///
    /// - Returns: the datagrams lost in this use of it, and at the socket in all.
    func close(_ number: Int, dropsBefore: Int) -> (lost: Int, total: Int) {
        // The slot is gone either way; what cannot be released was never placed.
        try? steering.release(number)
        guard let slot = slots.removeValue(forKey: number) else { return (0, 0) }
        // Alone it would be in the way of the next first one.
        if slots.isEmpty { endCopies() }
        slot.leaveGroup()
        vault.forget(.slot(SlotID(listener: self.number, number: number)))
        let drops = slot.drops()
        let unread = slot.discardQueue()
        dropsOfClosedSockets += drops + unread
        possibleDropsOfClosedSockets += slot.possibleDrops()
        slot.hearing.end()
        return (max(0, drops - dropsBefore) + unread, drops + unread)
    }

    /// Takes a slot out of use whose socket stays.
    func park(_ number: Int, dropsBefore: Int) -> Int {
        guard let slot = slots[number] else { return 0 }
        // What is pinned to it must not wait for its next user.
        try? steering.resteer(slots: [number])
        return max(0, slot.drops() - dropsBefore) + slot.discardQueue()
    }
}
