import Adoption
import HandoverCore
import Kernel
import Logging
import ServiceCore
import Settings

/// The owner of the calls of bind(2) that wait for an answer.
final class Binds {
    /// A call that waits.
    private struct Waiting {
        let notice: CallNotice
        let endpoint: BindEndpoint
        let wanted: WantedSocket
        let worker: WorkerID
    }

    private let loop: EventLoop
    private let log: Logger
    private let processes: Processes
    private let sockets: Sockets
    private let places: Places
    /// The number of the network namespace that this process is in, and never leaves.
    private let network = (try? DatagramSocket(for: .loopback()).networkCookie()) ?? nil
    private var waiting: [CallID: Waiting] = [:]
    private var lastCall = 0
    /// Of workers that have bound any.
    private var ports: [WorkerID: BoundPorts] = [:]
    /// Workers that were told of that bind in another network namespace.
    private var elsewhere: Set<WorkerID> = []
    /// nil where it could not be had: then a crash may hold a worker up.
    private(set) var inHand: CallInHand?
    /// Whether a bind has to be looked at.
    var mayConcern: (UInt16, WorkerID) -> Bool = { _, _ in false }
    /// Whether a port is one that a worker has for itself.
    var isOwnPort: (UInt16, WorkerID) -> Bool = { _, _ in false }
    var report: (Input) -> Void = { _ in }
    var warned: (String, WorkerID?) -> Void = { _, _ in }

    init(
        _ processes: Processes, _ sockets: Sockets, _ places: Places, in loop: EventLoop,
        _ log: Logger
    ) {
        self.processes = processes
        self.sockets = sockets
        self.places = places
        self.loop = loop
        self.log = log
    }

    /// Makes the place where calls are noted while they are answered.
    func begin() {
        do throws(KernelError) {
            let made = try CallInHand()
            places.keep(made.room, as: .callInHand)
            inHand = made
        } catch {
            log.warning("a crash while a bind is answered would hold its worker up: \(error)")
        }
    }

    /// Takes over what a predecessor has noted.
    func resume(_ kept: KeptDescriptors) {
        if let file = kept.take(.callInHand) { inHand = CallInHand(adopting: file) }
        if inHand == nil { begin() }
    }

    // MARK: Ports that workers have bound for themselves

    func ports(of id: WorkerID) -> Set<UInt16> { ports[id]?.all ?? [] }

    /// Takes over what a predecessor has noted of a worker.
    func resumePorts(of id: WorkerID, _ kept: KeptDescriptors) {
        guard let file = kept.take(.worker(id, .ports)) else { return }
        ports[id] = (try? BoundPorts(adopting: file)) ?? nil
    }

    func keepPorts(in place: any VaultPlace) {
        for (id, bound) in ports { places.vault.keep(bound, as: .worker(id, .ports), in: place) }
    }

    func forgetPorts(of id: WorkerID) {
        ports[id] = nil
        elsewhere.remove(id)
    }

    private func note(_ port: UInt16, of id: WorkerID) {
        if ports[id] == nil {
            do throws(KernelError) {
                let made = try BoundPorts()
                places.keep(made, as: .worker(id, .ports))
                ports[id] = made
            } catch {
                warned("what worker \(id) binds for itself is not counted: \(error)", id)
            }
        }
        ports[id]?.insert(port)
    }

    // MARK: Calls

    /// Finishes the call that a predecessor had in hand when it ended.
    func finishCallInHand() {
        guard let (id, notice) = inHand?.last, let handle = processes[id],
            let endpoint = handle.ends.calls,
            endpoint.calls.isWaiting(notice)
        else { return }
        log.notice("worker \(id) waits in a bind that the supervisor before had begun to answer")
        take(notice, of: id, handle.pid, endpoint)
    }

    /// Answers the worker's calls of bind(2) from here on.
    func listen(to handle: WorkerHandle) {
        guard let calls = handle.ends.calls else { return }
        let id = handle.id
        let pid = handle.pid
        do throws(KernelError) {
            try calls.listen(in: loop) { [unowned self] notifier in
                // A failed look says nothing about the next call.
                let found =
                    inHand.map { hand in try? hand.take(from: notifier, of: id) }
                    ?? (try? notifier.next())
                if let notice = found ?? nil { take(notice, of: id, pid, calls) }
            }
        } catch {
            warned("what worker \(id) binds is not noticed: \(error)", id)
        }
    }

    private func take(
        _ notice: CallNotice, of id: WorkerID, _ pid: Int32, _ endpoint: BindEndpoint
    ) {
        do {
            if let number = notice.steeredSocket {
                return try keepSteering(notice, number, of: id, endpoint)
            }
            let request = try notice.bindRequest()
            if let port = request?.address.port, isOwnPort(port, id) { note(port, of: id) }
            guard let request, mayConcern(request.address.port, id),
                let wanted = try WantedSocket(notice, request), endpoint.calls.isWaiting(notice)
            else { return letContinue(notice, endpoint) }
            guard try wanted.isInOurNetwork(network) else {
                tellElsewhere(wanted, id)
                return letContinue(notice, endpoint)
            }
            lastCall += 1
            let call = CallID(lastCall)
            waiting[call] = Waiting(
                notice: notice, endpoint: endpoint, wanted: wanted, worker: id)
            report(.bindAsked(call, id, pid: pid, BindCall(wanted)))
        } catch {
            // One that has given its call up has changed its mind, or is gone.
            if endpoint.calls.isWaiting(notice) { warned("bind of worker \(id): \(error)", id) }
            letContinue(notice, endpoint)
        }
    }

    /// Has a program of a worker's own not take the place of the one that steers a listener's group: all that
    /// ask for one serve as well without, and the others' sessions would move.
    private func keepSteering(
        _ notice: CallNotice, _ number: Int32, of id: WorkerID, _ endpoint: BindEndpoint
    ) throws(KernelError) {
        let process = try ProcessHandle(opening: try notice.process())
        let socket = SharedDescriptor(try process.descriptor(at: number))
        let facts = try SocketFacts(of: socket)
        let isOurs = network == nil ? true : try socket.networkCookie() == network
        let listener = sockets.listeners.first {
            $0.address == facts.address && $0.interface == NetworkInterface.name(facts.interface)
                && $0.settings.isStream == (facts.kind == .tcp)
        }
        // One that is not bound yet gets a listener's socket in its place when it is.
        guard isOurs, facts.kind != .other, let listener, endpoint.calls.isWaiting(notice) else {
            return letContinue(notice, endpoint)
        }
        _ = try? endpoint.calls.succeed(notice)
        report(.programRefused(listener: listener.number, id))
    }

    /// Says once that what a worker binds in a network namespace of its own is its own.
    private func tellElsewhere(_ wanted: WantedSocket, _ id: WorkerID) {
        guard elsewhere.insert(id).inserted else { return }
        warned(
            "worker \(id) binds \(wanted.place.address) in another network namespace: it gets no socket "
                + "of a listener there", id)
    }

    private func letContinue(_ notice: CallNotice, _ endpoint: BindEndpoint) {
        _ = try? endpoint.calls.letContinue(notice)
    }

    func leave(_ call: CallID) {
        guard let found = waiting.removeValue(forKey: call) else { return }
        letContinue(found.notice, found.endpoint)
    }

    /// What a worker and its descendants have open; nil where that cannot be told.
    func openSockets(of id: WorkerID) -> Set<UInt64>? {
        processes[id].flatMap { SocketHolders.openSockets(from: $0.pid) }
    }

    /// Which of a worker's slots it still has, by a bind of its own.
    func holders(_ id: WorkerID, _ slots: [SlotID], offered: [[Slot]]) -> [SlotID] {
        guard let handle = processes[id] else { return [] }
        return slots.filter { slot in
            guard let found = sockets.slot(slot) else { return false }
            let number = WorkerStart.number(of: found, in: offered, sockets.listeners)
            return SocketHolders.hold(found.inode, from: handle.pid, except: number)
                && !sockets.isSession(slot)
        }
    }

    /// Makes the slot's socket like the worker's and puts it in the place of that.
    func answer(_ call: CallID, _ id: SlotID) -> Input {
        guard let found = waiting.removeValue(forKey: call) else {
            return .bindAnswered(call, id, PortFault("the call is gone"))
        }
        guard let slot = sockets.slot(id) else {
            letContinue(found.notice, found.endpoint)
            return .bindAnswered(call, id, PortFault("slot \(id) has no socket"))
        }
        if slot.inode == found.wanted.inode {
            _ = try? found.endpoint.calls.succeed(found.notice)
            return .bindAnswered(call, id, nil)
        }
        do {
            try hand(slot, at: sockets.listeners[id.listener], found)
            _ = try? found.endpoint.calls.succeed(found.notice)
            return .bindAnswered(call, id, nil)
        } catch {
            letContinue(found.notice, found.endpoint)
            let isWaiting = found.endpoint.calls.isWaiting(found.notice)
            return .bindAnswered(call, id, isWaiting ? PortFault("\(error)") : nil)
        }
    }

    /// Puts another slot's socket in the place of the one that the worker has, and that in the place of the worker's.
    func exchange(
        _ call: CallID, _ id: SlotID, by other: SlotID, offered: [[Slot]]
    ) -> Input {
        guard let found = waiting[call], let slot = sockets.slot(id),
            let new = sockets.slot(other)
        else { return answer(call, id) }
        do {
            let socket = SharedDescriptor(try new.duplicate())
            let former = SharedDescriptor(try slot.duplicate())
            let left =
                carryOptions(from: former, to: socket) + carryMemberships(from: former, to: socket)
            if !left.isEmpty {
                warned(
                    "\(sockets.listeners[other.listener].settings.address): not carried over to the "
                        + "supervisor's socket: " + left.joined(separator: ", "), found.worker)
            }
            let inherited = WorkerStart.number(of: slot, in: offered, sockets.listeners)
            let numbers = try SocketHolders.numbers(of: slot.inode, in: found.wanted.process)
            for number in numbers where number != inherited {
                try found.endpoint.calls.replace(
                    number, by: socket, closesOnExec: found.wanted.closesOnExec(number),
                    for: found.notice)
            }
            new.wasLent = true
            return answer(call, id)
        } catch {
            leave(call)
            return .bindAnswered(call, id, PortFault("\(error)"))
        }
    }

    private func hand(_ slot: Slot, at listener: Listener, _ found: Waiting) throws {
        let wanted = found.wanted
        let socket = SharedDescriptor(try slot.duplicate())
        var left = carryOptions(from: wanted.socket, to: socket)
        if !wanted.place.isStream { left += carryMemberships(from: wanted.socket, to: socket) }
        let numbers = wanted.numbers()
        if wanted.isInEpollSet(numbers) { left.append("its place in an epoll set") }
        if !left.isEmpty {
            warned(
                "\(listener.settings.address): not carried over to the supervisor's socket: "
                    + left.joined(separator: ", "), found.worker)
        }
        if wanted.facts.reusesAddress { listener.letOthersBindBeside() }
        for number in numbers {
            try found.endpoint.calls.replace(
                number, by: socket, closesOnExec: wanted.closesOnExec(number), for: found.notice)
        }
        slot.wasLent = true
        log.debug(
            "worker \(found.worker) has bound \(listener.settings.address): slot \(slot.number)")
    }
}

extension BindCall {
    init(_ wanted: WantedSocket) {
        let scheme = wanted.place.isStream ? "tcp" : "udp"
        var facts = BindFacts()
        facts.reusesAddress = wanted.facts.reusesAddress
        facts.sharesPort = wanted.facts.sharesPort
        facts.hasInterface = wanted.facts.hasInterface
        facts.bindsFreely = wanted.facts.mayBindFreely.free
        facts.bindsTransparently = wanted.facts.mayBindFreely.transparent
        self.init(
            place: ServiceCore.SocketPlace(
                wanted.place,
                text: "\(scheme)://\(wanted.place.address)"
                    + (wanted.place.interface.map { " at \($0)" } ?? "")),
            facts: facts, inode: wanted.inode)
    }
}
